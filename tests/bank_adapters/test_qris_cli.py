"""`lunas qris decode`: one line per input, in order, and the exit status."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from app.cli.qris import qris
from tests.bank_adapters.qris_samples import close, dynamic, static, tlv


def run(text: str, stdin: bytes = b"") -> Result:
    return CliRunner().invoke(qris, ["decode", text], input=stdin)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.stdout_bytes.endswith(b"\n")
    return [json.loads(line) for line in result.stdout_bytes.decode("utf-8").split("\n")[:-1]]


def test_a_valid_code_is_told_with_names_and_nested_fields() -> None:
    result = run(dynamic())
    assert result.exit_code == 0
    assert result.stdout.count("\n") == 1
    assert result.stdout.startswith(
        '{"valid":true,"fields":{"00":{"name":"Payload format indicator","value":"01"},'
        '"01":{"name":"Point of initiation","value":"12"},'
        '"26":{"name":"Merchant account","fields":{"00":{"name":"Globally unique identifier",'
        '"value":"ID.CO.BANKCONTOH.WWW"},"01":{"name":"Merchant PAN","value":"936001100000000001"},'
    )
    assert result.stdout.endswith(f'"63":{{"name":"CRC","value":"{dynamic()[-4:]}"}}}},"warnings":[]}}\n')
    told = json.loads(result.stdout)
    assert told["fields"]["54"] == {"name": "Amount", "value": "150000"}
    assert told["fields"]["62"]["fields"]["01"] == {"name": "Bill number", "value": "QRIS2026112114050000001"}
    assert list(told["fields"]) == ["00", "01", "26", "51", "52", "53", "54", "58", "59", "60", "61", "62", "63"]


def test_warnings_do_not_make_a_code_invalid() -> None:
    result = run(static(t51=None, t59="X" * 44))
    assert result.exit_code == 0
    assert json.loads(result.stdout)["warnings"] == [
        {
            "tag": "59",
            "reason": "panjangnya 44, paling banyak 25 / it has 44 characters, at most 25 are allowed",
        },
        {"tag": "51", "reason": "tidak ada / it is missing"},
    ]


def test_an_invalid_code_is_told_with_tag_and_reason_and_exit_1() -> None:
    result = run(dynamic(t54="0"))
    assert result.exit_code == 1
    assert result.stdout == '{"valid":false,"tag":"54","reason":"tidak boleh nol / it must not be zero"}\n'


def test_a_fault_that_belongs_to_no_tag_is_null() -> None:
    result = run("")
    assert result.exit_code == 1
    assert result.stdout == '{"valid":false,"tag":null,"reason":"kosong / it is empty"}\n'


def test_a_text_that_starts_with_a_hyphen_is_judged() -> None:
    for text in ("-1", "--000201", "-x"):
        result = run(text)
        assert result.exit_code == 1
        assert json.loads(result.stdout)["valid"] is False


def test_standard_input_is_answered_line_by_line_in_order() -> None:
    stdin = f"{static()}\n\nhello\r\n{dynamic()}\r\n".encode()
    result = run("-", stdin)
    assert result.exit_code == 1
    told = lines(result)
    assert [each["valid"] for each in told] == [True, False, False, True]
    assert told[3]["fields"]["54"]["value"] == "150000"


def test_all_valid_lines_exit_0_and_the_last_needs_no_line_end() -> None:
    result = run("-", f"{static()}\n{dynamic()}".encode())
    assert result.exit_code == 0
    assert [each["valid"] for each in lines(result)] == [True, True]


def test_no_input_is_no_output() -> None:
    result = run("-", b"")
    assert result.exit_code == 0
    assert result.stdout_bytes == b""


def test_only_the_line_ending_is_stripped() -> None:
    sound = static()
    stdin = f"{sound} \n {sound}\n{sound}\t\n{sound}\r\r\n{sound}\r".encode()
    assert [each["valid"] for each in lines(run("-", stdin))] == [False] * 5


def test_other_line_separators_do_not_split_a_line() -> None:
    stdin = f"{static()}\x0b{static()}\x0c\u2028\x85\r{static()}\n".encode()
    assert len(lines(run("-", stdin))) == 1


def test_bytes_that_are_not_utf8_are_refused_in_their_place() -> None:
    stdin = b"\xff\xfe\x00\n" + static().encode() + b"\n" + static(t59="CV CONTOH").encode().replace(b"CV", b"C\xe9")
    told = lines(run("-", stdin))
    assert [each["valid"] for each in told] == [False, True, False]
    assert told[2]["tag"] == "59"


def test_names_in_another_script_are_printed_as_utf8() -> None:
    text = close(static()[:-8] + tlv("64", tlv("00", "jv") + tlv("01", "ꦥꦗꦏ꧀")))
    result = run("-", text.encode())
    assert result.exit_code == 0
    assert "ꦥꦗꦏ꧀".encode() in result.stdout_bytes


def test_a_huge_line_is_refused_and_the_next_is_answered() -> None:
    told = lines(run("-", b"0" * 3_000_000 + b"\n" + static().encode() + b"\n"))
    assert [each["valid"] for each in told] == [False, True]
