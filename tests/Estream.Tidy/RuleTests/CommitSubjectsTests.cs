using Estream.Tidy.Rules;
using Estream.Tidy.Sources;

namespace Estream.Tidy.RuleTests;

public sealed class CommitSubjectsTests
{
    [Fact]
    public void A_subject_over_72_characters_is_a_violation()
    {
        Violation only = Assert.Single(CommitSubjects.Check(["1a2b3c4\t" + new string('x', 72), "5d6e7f8\t" + new string('x', 73), ""]));
        Assert.Equal("5d6e7f8", only.Path);
    }
}
