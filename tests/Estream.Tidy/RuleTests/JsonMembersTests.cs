using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class JsonMembersTests
{
    [Theory]
    [InlineData("json.WriteNumber(\"hot_hits\", 1);", "hot_hits")]
    [InlineData("json.WriteString(\"Uri\"u8, uri);", "Uri")]
    [InlineData("json.WriteStartArray(\"hot-keys\");", "hot-keys")]
    public void A_member_that_is_not_camelCase_is_a_violation(string line, string member)
    {
        Example.AssertOne(JsonMembers.Check(Example.Of(("src/Estream.Cli/Output/Some.cs", line))), "src/Estream.Cli/Output/Some.cs",
            $"'{member}'");
    }

    [Theory]
    [InlineData("src/Estream.Cli/Output/Some.cs",
        "json.WriteNumber(\"hotHits\", 1); json.WriteStringValue(\"any_thing\"); json.WriteStartObject();")]
    [InlineData("src/Estream.Wire/Some.cs", "json.WriteNumber(\"received_at\", 1);")]
    public void CamelCase_members_values_and_foreign_formats_are_not_violations(string path, string line)
    {
        Assert.Empty(JsonMembers.Check(Example.Of((path, line))));
    }
}
