using System.Globalization;
using System.Text;
using Estream.Esf.Expressions;

namespace Estream.Esf.Tests.Expressions;

/// <summary>The values of expressions, beginning with expressions without a value.</summary>
public sealed class ExpressionTests
{
    private const string Full =
        """
        "total":18446744073709551615,"delta":-9223372036854775808,"at":1700000000000000000,"warm":0.1,"value":2.5,"is_open":true,"state":"Ajar",
        "note":"","blob":"00ff","place":{"floor":-2,"room":"a/b","inner":{"x":0.5,"side":"Right"}},"tags":{"a":"b"},"counts":[1,2,3]
        """;

    [Theory]
    [InlineData("total")]
    [InlineData("delta + 1")]
    [InlineData("-delta")]
    [InlineData("abs(value)")]
    [InlineData("value > 1 and true")]
    [InlineData("not is_open")]
    [InlineData("is_open or false")]
    [InlineData("state == Open")]
    [InlineData("state in [Open]")]
    [InlineData("note")]
    [InlineData("startsWith(note, 'a')")]
    [InlineData("startsWith('a', note)")]
    [InlineData("length(tags)")]
    [InlineData("place.floor")]
    [InlineData("place.inner.x")]
    [InlineData("if(is_open, 1, 2)")]
    [InlineData("min(1, delta)")]
    [InlineData("value ?? warm")]
    [InlineData("limit.high")]
    [InlineData("counts subset of [1]")]
    [InlineData("newer(note, '1.0.0')")]
    [InlineData("newer('1.0.0', note)")]
    public void Expression_over_an_absent_field_has_no_value(string text) => Assert.Null(Value(text, Doors.Message()));

    [Theory]
    [InlineData("count / (count - 7)")]
    [InlineData("count % (count - 7)")]
    [InlineData("value / 0")]
    [InlineData("value % 0.0")]
    [InlineData("0.0 / 0.0")]
    [InlineData("value * 1e308 * 10")]
    [InlineData("170141183460469231731687303715884105727 + count")]
    [InlineData("-170141183460469231731687303715884105727 - 2")]
    [InlineData("-(-170141183460469231731687303715884105727 - 1)")]
    [InlineData("abs(-170141183460469231731687303715884105727 - 1)")]
    [InlineData("(-170141183460469231731687303715884105727 - 1) / -1")]
    [InlineData("(-170141183460469231731687303715884105727 - 1) * -1")]
    [InlineData("-1 * (-170141183460469231731687303715884105727 - 1)")]
    [InlineData("total * total * 2")]
    [InlineData("newer(name, '1.0.0')")]
    [InlineData("newer('1.0', '1.0.0')")]
    [InlineData("newer('1.0.0', '01.0.0')")]
    [InlineData("newer('1.0.0', 'v1.0.0')")]
    public void Overflow_division_by_zero_and_invalid_versions_have_no_value(string text) => Assert.Null(Value(text, Doors.Message(Full)));

    [Theory]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"-Infinity\"")]
    public void Float_field_with_NaN_or_infinity_has_no_value(string json)
    {
        byte[] message = Doors.Message($"\"value\":{json},\"warm\":{json}");
        Assert.Null(Value("value", message));
        Assert.Equal("false", Value("has(value) or has(warm)", message));
        Assert.Null(Value("not (value > 1)", message));
    }

    [Theory]
    [InlineData("count", "7")]
    [InlineData("total + 1", "18446744073709551616")]
    [InlineData("total * total", "340282366920938463426481119284349108225", false)]
    [InlineData("delta * delta", "85070591730234615865843651857942052864")]
    [InlineData("delta / -1", "9223372036854775808")]
    [InlineData("-7 / 2", "-3")]
    [InlineData("-count % 4", "-3")]
    [InlineData("7 % -4", "3")]
    [InlineData("count / 2.0", "3.5")]
    [InlineData("-5.5 % 2", "-1.5")]
    [InlineData("value + count", "9.5")]
    [InlineData("2 + 3 * 4 - 5", "9")]
    [InlineData("(2 + 3) * 4", "20")]
    [InlineData("8 - 3 - 2", "3")]
    [InlineData("- -3", "3")]
    [InlineData("min(3, count, 9)", "3")]
    [InlineData("max(3, value)", "3")]
    [InlineData("max(delta, 1)", "1")]
    [InlineData("abs(place.floor)", "2")]
    [InlineData("abs(-0.5)", "0.5")]
    [InlineData("length(name)", "5")]
    [InlineData("length('°C')", "3")]
    [InlineData("length(blob)", "2")]
    [InlineData("length(counts)", "3")]
    [InlineData("length(tags)", "1")]
    [InlineData("limit.high ?? 1", "1")]
    [InlineData("badge ?? blob", "00FF")]
    [InlineData("note ?? 'none'", "")]
    [InlineData("if(is_open, name, 'shut')", "north")]
    [InlineData("if(not is_open, 1, 0.5)", "0.5")]
    [InlineData("state", "1")]
    [InlineData("place.inner.side", "1")]
    [InlineData("if(count > 3, Open, state)", "2")]
    [InlineData("at", "1700000000000000000")]
    [InlineData("5MB", "5000000")]
    [InlineData("2KiB + 1kB", "3048")]
    [InlineData("1GiB - 1GB", "73741824")]
    [InlineData("3TB / 1TiB", "2")]
    [InlineData("0MiB", "0")]
    public void Expression_has_the_expected_value(string text, string expected, bool fits = true) =>
        Assert.Equal(fits ? expected : null, Value(text, Doors.Message(Full)));

    [Theory]
    [InlineData("warm == 0.1", false)]
    [InlineData("value == 2.5", true)]
    [InlineData("total == 18446744073709551615.0", false)]
    [InlineData("total < 18446744073709551616.0", true)]
    [InlineData("9007199254740993 > 9007199254740992.0", true)]
    [InlineData("9007199254740992.0 < 9007199254740993", true)]
    [InlineData("count < 7.5 and 7.5 > count", true)]
    [InlineData("-7 < -6.5", true)]
    [InlineData("-6 > -6.5", true)]
    [InlineData("1e300 > total", true)]
    [InlineData("-1e300 < delta", true)]
    [InlineData("0.0 == -0.0", true)]
    [InlineData("name == \"north\"", true)]
    [InlineData("name < 'south' and name > 'nort' and name >= 'north' and name <= 'north'", true)]
    [InlineData("name != note", true)]
    [InlineData("'ä' > 'z'", true)]
    [InlineData("'\\\\\\'\\n' == \"\\\\'\\n\"", true)]
    [InlineData("state > Closed and state < Open", true)]
    [InlineData("Ajar == state", true)]
    [InlineData("DoorState.Open != state", true)]
    [InlineData("place.inner.side == Right", true)]
    [InlineData("state in [Open, Ajar]", true)]
    [InlineData("state not in [Open, DoorState.Closed]", true)]
    [InlineData("count in [1, 7.0]", true)]
    [InlineData("value in [1, -2.5, 2.5]", true)]
    [InlineData("name in ['south', \"north\"]", true)]
    [InlineData("is_open in [true]", true)]
    [InlineData("counts subset of [3, 2, 1, 9]", true)]
    [InlineData("counts subset of [1, 2]", false)]
    [InlineData("counts not subset of [1, 2]", true)]
    [InlineData("counts subset of [1.0, 2, 3] and count <= 1kB", true)]
    [InlineData("newer('1.10.0', '1.9.0') and not newer('1.9.0', '1.10.0') and not newer('1.9.0', '1.9.0')", true)]
    [InlineData("newer('1.0.0', '1.0.0-rc.1') and newer('1.0.0-rc.2', '1.0.0-rc.1') and newer('1.0.0-rc.10', '1.0.0-rc.2')", true)]
    [InlineData("newer('1.0.0+b', '1.0.0+a')", false)]
    [InlineData("blob == blob", true)]
    [InlineData("is_open == true and is_open != false", true)]
    [InlineData("startsWith(name, 'no')", true)]
    [InlineData("startsWith(name, 'northern')", false)]
    [InlineData("startsWith(place.room, '')", true)]
    [InlineData("has(place) and has(place.room) and has(tags) and not has(badge)", true)]
    [InlineData("has(1 / 0.0)", false)]
    [InlineData("not is_open or count == 7", true)]
    [InlineData("true or false and false", true)]
    [InlineData("not true == false", true)]
    [InlineData("(badge ?? blob) == blob", true)]
    [InlineData("limit.high ?? 1 > 0", true)]
    [InlineData("total > 1\n  and\tdelta < 0", true)]
    public void Condition_has_the_expected_result(string text, bool expected) =>
        Assert.Equal(expected ? "true" : "false", Value(text, Doors.Message(Full)));

    [Theory]
    [InlineData("is_open and false", "false")]
    [InlineData("false and is_open", "false")]
    [InlineData("is_open or true", "true")]
    [InlineData("true or is_open", "true")]
    [InlineData("is_open and true", null)]
    [InlineData("true and is_open", null)]
    [InlineData("is_open or false", null)]
    [InlineData("false or is_open", null)]
    [InlineData("not is_open", null)]
    [InlineData("(is_open ?? false) or count > 1", "true")]
    public void Logic_ignores_an_absent_operand_when_the_other_decides(string text, string? expected) =>
        Assert.Equal(expected, Value(text, Doors.Message()));

    [Fact]
    public void IsTrue_returns_false_for_a_condition_without_a_value()
    {
        Assert.False(EsfExpression.Compile("is_open", Doors.Door).IsTrue(Doors.Message()));
        Assert.False(EsfExpression.Compile("not is_open", Doors.Door).IsTrue(Doors.Message()));
        Assert.True(EsfExpression.Compile("is_open", Doors.Door).IsTrue(Doors.Message("\"is_open\":true")));
    }

    [Fact]
    public void Fields_of_the_second_message_are_read_by_its_name()
    {
        byte[] limit = Schemas.Encode(Doors.Limit, """{"high":2,"label":"nor"}""");
        Assert.Equal("0.5", Value("value - limit.high", Doors.Message("\"value\":2.5"), limit));
        Assert.Equal("true", Value("startsWith(name, limit.label)", Doors.Message(), limit));
        Assert.Equal("nor", Value("limit.label", Doors.Message(), limit));
        Assert.Null(Value("limit.label", Doors.Message(), Doors.Message()));
    }

    [Fact]
    public void Every_field_is_absent_in_a_message_of_another_schema()
    {
        byte[] limit = Schemas.Encode(Doors.Limit, """{"high":2}""");
        Assert.Null(Value("name", limit));
        Assert.Null(Value("place.floor", limit));
        Assert.Equal("false", Value("has(count)", []));
        Assert.Equal("3", Value("count ?? 3", [1, 2, 3]));
    }

    [Fact]
    public void Expression_reads_the_common_fields_of_another_version()
    {
        EsfSchema[] versions = [.. Schemas.DoorsText.Select(text => EsfSchemaSet.Parse(new EsfSchemaFile("v", text)).Schemas[0])];
        EsfField last = versions[1].Fields[^1];
        EsfExpression appended = EsfExpression.Compile($"has({last.Name})", versions[1]);
        byte[] early = Schemas.Encode(versions[0], """{"door":"a","state":"Open"}""");
        Assert.False(appended.IsTrue(early));
        Assert.True(EsfExpression.Compile("door == 'a'", versions[1]).IsTrue(early));
    }

    [Theory]
    [InlineData("[]", "roles subset of [viewer]", true)]
    [InlineData("[\"viewer\",\"admin\"]", "roles subset of [viewer, operator, admin]", true)]
    [InlineData("[\"viewer\",\"root\"]", "roles subset of [viewer, operator, admin]", false)]
    [InlineData("[\"viewer\",\"\"]", "roles subset of [viewer, 'operator', \"admin\"]", false)]
    [InlineData("[\"a role\"]", "roles subset of ['a role']", true)]
    [InlineData("[\"true\"]", "roles subset of ['true']", true)]
    public void Subset_list_accepts_texts_without_quotes(string roles, string text, bool expected)
    {
        EsfSchema schema = EsfSchemaSet.Parse(new EsfSchemaFile("members.esf.yaml", """
            version: "1.0"
            namespace: test.members
            schemas:
              Member: { fields: { roles: { type: array(string) }, sides: { type: array(Side) }, flags: { type: array(bool) } } }
            enums:
              Side: { values: [Left, Right] }
            """)).Schemas[0];
        byte[] message = Schemas.Encode(schema, $$"""{"roles":{{roles}},"sides":["Left"],"flags":[true]}""");
        Assert.Equal(expected, EsfExpression.Compile(text, schema).IsTrue(message));
        Assert.True(
            EsfExpression.Compile(
                "sides subset of [Left] and sides not subset of [Right] and flags subset of [true] and flags not subset of [false]",
                schema).IsTrue(message));
    }

    [Fact]
    public void Compile_reports_the_kind_of_an_expression()
    {
        Assert.Equal(EsfValueKind.Boolean, EsfExpression.Compile("count > 1", Doors.Door).Kind);
        Assert.Equal(EsfValueKind.Bytes, EsfExpression.Compile("badge", Doors.Door).Kind);
        EsfExpression state = EsfExpression.Compile("state", Doors.Door);
        Assert.Equal((EsfValueKind.Enum, "DoorState", "state"), (state.Kind, state.EnumName, state.ToString()));
    }

    private static string? Value(string text, byte[] message, byte[]? other = null)
    {
        EsfExpression expression = EsfExpression.Compile(text, Doors.Scope);
        switch (expression.Kind)
        {
            case EsfValueKind.Boolean:
                return expression.TryGetBoolean(message, out bool condition, other) ? condition ? "true" : "false" : null;
            case EsfValueKind.Integer or EsfValueKind.Enum:
                return expression.TryGetInteger(message, out Int128 integer, other) ? integer.ToString(CultureInfo.InvariantCulture) : null;
            case EsfValueKind.Number:
                return expression.TryGetNumber(message, out double number, other)
                    ? number.ToString("R", CultureInfo.InvariantCulture)
                    : null;
            default:
                return !expression.TryGetBytes(message, out ReadOnlySpan<byte> bytes, other) ? null
                    : expression.Kind == EsfValueKind.Text ? Encoding.UTF8.GetString(bytes) : Convert.ToHexString(bytes);
        }
    }
}
