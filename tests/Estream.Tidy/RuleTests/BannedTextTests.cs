using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class BannedTextTests
{
    // Concatenated so that these examples do not violate the rule they test.
    public static TheoryData<string, string> BadLines => new()
    {
        { "src/A.cs", "// TO" + "DO: later" },
        { "console/src/a.ts", "// FIX" + "ME" },
        { "src/A.cs", "throw new Not" + "ImplementedException();" },
        { "docs/a.md", "in /wor" + "k/main" },
        { "test.sh", "cd /roo" + "t/x" },
        { "src/A.cs", "var p = \"/home/" + "someone/x\";" },
        { "src/Program.cs", "// See https://aka" + ".ms/new-console-template" },
        { "src/A.cs", "#nullable disab" + "le" },
        { "console/package-lock.json", "\"resol" + "ved\": \"https://registry.example/a.tgz\"," },
    };

    [Theory]
    [MemberData(nameof(BadLines))]
    public void A_banned_line_is_a_violation(string path, string line)
    {
        Assert.Equal((path, 2), BannedText.Check(Example.Of((path, "fine\n" + line + "\n"))).Select(v => (v.Path, v.Line)).Single());
    }

    [Theory]
    [InlineData("src/A.cs", "todos.Add(mastodon);")]
    [InlineData("src/A.cs", "string url = $\"{root}/work/x\";")]
    [InlineData("src/A/packages.lock.json", "\"resolved\": \"2.9.3\",")]
    public void A_harmless_similar_line_is_not_a_violation(string path, string line)
    {
        Assert.Empty(BannedText.Check(Example.Of((path, line))));
    }
}
