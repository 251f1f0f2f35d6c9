using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class BannedWordingTests
{
    [Theory]
    [InlineData("docs/a.md", "fine\nThe file is written anew.\n", 2, "write 'again'")]
    [InlineData("src/A.cs", "/// <summary>\n/// Blocks nobody.\n/// </summary>\nclass A;\n", 2, "no user")]
    [InlineData("tests/A.cs", "class A;\n// After a kill the reader continues.\n", 2, "write 'crash'")]
    [InlineData("src/A.cs", "class A\n{\n    string s = $\"{1} is closed for good.\";\n}\n", 3, "write 'permanently'")]
    public void Check_reports_banned_words_in_prose(string path, string text, int line, string advice)
    {
        Sources.Violation found = Assert.Single(BannedWording.Check(Example.Of((path, text))));
        Assert.Equal((path, line), (found.Path, found.Line));
        Assert.Contains(advice, found.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("docs/a.md", "Run as `nobody`.\n```\nnobody\n```\n")]
    [InlineData("src/A.cs", "class A\n{\n    string user = \"nobody\";\n}\n")]
    [InlineData("tests/A.cs", "class A\n{\n    string text = \"It is read anew.\"; // a killed process\n}\n")]
    [InlineData("a.sh", "# anew\n")]
    public void Check_accepts_code_data_and_other_words(string path, string text)
    {
        Assert.Empty(BannedWording.Check(Example.Of((path, text))));
    }
}
