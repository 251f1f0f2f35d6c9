using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class FuzzTargetsTests
{
    [Fact]
    public void A_parser_that_no_fuzz_target_names_is_a_violation()
    {
        var repository = Example.Of(
            ("src/Estream.Wire.Fix/FixParser.cs", "class FixParser { }"),
            ("tests/Estream.Fuzz/Fix.cs", "// FixParser is only talked about here\nclass Fix { }"));
        Example.AssertOne(FuzzTargets.Check(repository), "src/Estream.Wire.Fix/FixParser.cs",
            "no target in tests/Estream.Fuzz names FixParser");
    }

    [Theory]
    [InlineData("src/Estream.Wire.Fix/FixParser.cs", "class FixParser { }", "class Fuzz { void M() => FixParser.Parse(null); }")]
    [InlineData("src/Estream.Esf/Json/JsonCursor.cs", "ref struct JsonCursor { }", "class Fuzz { void M() => EsfJson.TryEncode(); }")]
    [InlineData("src/Estream.Host/SettingsReader.cs", "class SettingsReader { }", "class Fuzz { }")]
    [InlineData("src/Estream.Core/Clock.cs", "class Clock { }", "class Fuzz { }")]
    public void A_named_parser_or_one_reached_through_a_named_type_is_accepted(string path, string code, string target)
    {
        Assert.Empty(FuzzTargets.Check(Example.Of((path, code), ("tests/Estream.Fuzz/Fuzz.cs", target))));
    }
}
