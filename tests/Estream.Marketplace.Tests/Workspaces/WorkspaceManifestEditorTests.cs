using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>An edit changes one line and keeps the rest of the file as written.</summary>
public sealed class WorkspaceManifestEditorTests
{
    private const string Text = "# ours\n[components]\nesf-iot = \"^1.2\" # pinned\n\"@acme/card\" = \"^1\"\n\n[cooldown]\nhours = 72\n";

    [Fact]
    public void Add_appends_a_component_after_the_others() =>
        Assert.Equal(Text.Replace("= \"^1\"\n", "= \"^1\"\nfix = \"~2.1\"\n", StringComparison.Ordinal), Add(Text, "fix ~2.1"));

    [Fact]
    public void Add_changes_a_range_in_its_line() =>
        Assert.Equal(Text.Replace("\"@acme/card\" = \"^1\"", "\"@acme/card\" = \"^2\"", StringComparison.Ordinal),
            Add(Text, "@acme/card ^2"));

    [Theory]
    [InlineData("", "\n\n[components]\nfix = \"^1\"\n")]
    [InlineData("[cooldown]\nhours = 1\n", "[cooldown]\nhours = 1\n\n[components]\nfix = \"^1\"\n")]
    [InlineData("[components] # none\n[cooldown]\nhours = 1\n", "[components] # none\nfix = \"^1\"\n[cooldown]\nhours = 1\n")]
    public void Add_creates_the_table_for_the_first_component(string text, string expected) => Assert.Equal(expected, Add(text, "fix ^1"));

    [Fact]
    public void Add_keeps_line_endings() =>
        Assert.Equal("[components]\r\na = \"^1\"\r\nb = \"^1\"\r\n", Add("[components]\r\na = \"^1\"\r\n", "b ^1"));

    [Fact]
    public void Remove_deletes_the_line_of_a_component()
    {
        Assert.Equal(Text.Replace("esf-iot = \"^1.2\" # pinned\n", "", StringComparison.Ordinal),
            WorkspaceManifestEditor.Remove(Text, ComponentName.Parse("esf-iot")));
        Assert.Throws<ArgumentException>(() => WorkspaceManifestEditor.Remove(Text, ComponentName.Parse("fix")));
    }

    [Theory]
    [InlineData("components = { a = \"^1\", b = \"^1\" }\n")]
    [InlineData("[components]\na = \"\"\"\n^1\"\"\"\n")]
    public void Edit_returns_null_when_the_table_has_another_form(string text)
    {
        Assert.Null(Add(text, "a ^2"));
        Assert.Null(WorkspaceManifestEditor.Remove(text, ComponentName.Parse("a")));
    }

    [Fact]
    public void Edit_throws_for_an_invalid_workspace_file() =>
        Assert.Throws<ArgumentException>(() => Add("[components]\nesf-iot = 1\n", "a ^2"));

    private static string? Add(string text, string wanted)
    {
        string[] words = wanted.Split(' ', 2);
        return WorkspaceManifestEditor.Add(text, new ComponentRequirement(ComponentName.Parse(words[0]), VersionRange.Parse(words[1])));
    }
}
