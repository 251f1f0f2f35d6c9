using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

public sealed class NamedTestsTests
{
    private const string Test = "public sealed class DoorTests { [Fact] public void A_door_opens() { } }";

    [Fact]
    public void A_named_test_that_is_gone_is_a_violation()
    {
        Repository repository = Example.Of(("docs/page.md", "`DoorTests.A_door_opens`\n`DoorTests.A_door_closes`\n"),
            ("tests/DoorTests.cs", Test));
        Example.AssertOne(NamedTests.CheckTests(repository, repository.Find("docs/page.md")!), "docs/page.md", "A_door_closes");
    }

    [Fact]
    public void A_test_of_another_class_or_outside_the_tests_does_not_count()
    {
        Repository repository = Example.Of(("docs/page.md", "`WindowTests.A_door_opens`\n"), ("tests/DoorTests.cs", Test),
            ("src/WindowTests.cs", Test.Replace("DoorTests", "WindowTests", StringComparison.Ordinal)));
        Example.AssertOne(NamedTests.CheckTests(repository, repository.Find("docs/page.md")!), "docs/page.md", "WindowTests.A_door_opens");
    }

    [Theory]
    [InlineData("| 1 Doors | works | doors open |", false)]
    [InlineData("| 1 Doors | works | `DoorTests.A_door_opens` |", true)]
    [InlineData("| 1 Doors | works | [doors](guides/doors.md) |", true)]
    [InlineData("| 1 Doors | in part | `DoorTests.A_door_opens` |", false)]
    [InlineData("| 1 Doors | in part | `DoorTests.A_door_opens`; windows stay closed |", true)]
    [InlineData("| 1 Doors | no |  |", false)]
    [InlineData("| 1 Doors | no | there are no doors |", true)]
    public void A_state_without_its_proof_or_reason_is_a_violation(string row, bool isRight)
    {
        Repository repository = Example.Of(("docs/page.md", row + "\n"));
        Assert.Equal(isRight, !NamedTests.CheckProofs(repository.Find("docs/page.md")!).Any());
    }

    [Fact]
    public void A_named_folder_that_is_gone_is_a_violation()
    {
        Repository repository = Example.Of(("LICENSING.md", "`src/Doors`, `src/Windows`, `native/`\n"), ("src/Doors/a.cs", ""),
            ("native/a.v", ""));
        Example.AssertOne(NamedTests.CheckFolders(repository, repository.Find("LICENSING.md")!), "LICENSING.md", "src/Windows");
    }
}
