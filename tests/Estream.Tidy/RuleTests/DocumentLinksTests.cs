using Estream.Tidy.Rules;

namespace Estream.Tidy.RuleTests;

public sealed class DocumentLinksTests
{
    [Fact]
    public void Pages_linked_over_several_steps_are_reached()
    {
        var repository = Example.Of(
            ("README.md", "[a](docs/a.md#a-part-2) and [out](https://example.org/x.md)"),
            ("docs/a.md", "# A `part`: 2\n[b](../guides/b.md)"),
            ("guides/b.md", "[code](../src/)"),
            ("src/C.cs", ""));
        Assert.Empty(DocumentLinks.Check(repository));
    }

    [Fact]
    public void An_unlinked_page_is_a_violation()
    {
        Example.AssertOne(DocumentLinks.Check(Example.Of(("README.md", ""), ("docs/lost.md", ""))), "docs/lost.md", "cannot be reached");
    }

    [Fact]
    public void A_broken_link_is_a_violation()
    {
        Example.AssertOne(DocumentLinks.Check(Example.Of(("README.md", "[gone](docs/gone.md)"))), "README.md", "does not exist");
    }

    [Theory]
    [InlineData("[part](docs/a.md#part)")]
    [InlineData("[a](docs/a.md) [part](#part)")]
    [InlineData("[a](docs/a.md#title-1)")]
    public void A_link_to_a_missing_heading_is_a_violation(string readme)
    {
        var repository = Example.Of(("README.md", readme), ("docs/a.md", "# Title\n```\n# part\n```\n"));
        Example.AssertOne(DocumentLinks.Check(repository), "README.md", "has no such heading");
    }

    [Fact]
    public void The_readme_of_a_package_needs_no_link()
    {
        var repository = Example.Of(
            ("README.md", ""), ("src/A/README.md", ""), ("src/A/A.csproj", "<Project><IsPackable>true</IsPackable></Project>"));
        Assert.Empty(DocumentLinks.Check(repository));
    }
}
