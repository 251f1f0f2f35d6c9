using Estream.Testing;
using Estream.Tidy.Rules;
using Estream.Tidy.Sources;
using Xunit.Abstractions;

namespace Estream.Tidy;

/// <summary>Checks this repository against its own rules; tests in RuleTests show that each rule finds its violations.</summary>
public sealed class RepositoryTests(ITestOutputHelper output)
{
    [Fact]
    public void Projects_reference_each_other_only_along_the_allowed_arrows()
    {
        Violation.AssertNone(ProjectArrows.Check(Repository.Current));
    }

    [Fact]
    public void Marketplace_files_use_only_their_own_and_earlier_layers()
    {
        Violation.AssertNone(MarketplaceLayers.Check(Repository.Current));
    }

    [Fact]
    public void Unsafe_code_stays_in_the_allowed_projects_and_has_safety_notes()
    {
        Violation.AssertNone(UnsafeFence.Check(Repository.Current));
        Violation.AssertNone(UnsafeFence.CheckAllowList(Repository.Current));
    }

    [Fact]
    public void Files_functions_and_lines_stay_within_their_limits()
    {
        output.WriteLine(SizeLimits.Report(Repository.Current));
        Violation.AssertNone(SizeLimits.Check(Repository.Current));
    }

    [Fact]
    public void Folders_stay_within_their_limit()
    {
        Violation.AssertNone(FolderLimits.Check(Repository.Current));
        Violation.AssertNone(FolderLimits.CheckExceptions(Repository.Current));
    }

    [Fact]
    public void Every_file_is_used()
    {
        Violation.AssertNone(DeadFiles.Check(Repository.Current));
    }

    [Fact]
    public void Every_page_is_linked_and_every_link_has_a_target()
    {
        Violation.AssertNone(DocumentLinks.Check(Repository.Current));
    }

    [Fact]
    public void No_file_contains_unfinished_work_or_machine_specific_paths()
    {
        Violation.AssertNone(BannedText.Check(Repository.Current));
    }

    [Fact]
    public void No_prose_contains_banned_words()
    {
        Violation.AssertNone(BannedWording.Check(Repository.Current));
    }

    [Fact]
    public void No_code_makes_calls_that_are_untestable_or_flaky()
    {
        Violation.AssertNone(BannedCalls.Check(Repository.Current));
    }

    [Fact]
    public void Every_type_that_reads_outside_bytes_is_fuzzed()
    {
        Violation.AssertNone(FuzzTargets.Check(Repository.Current));
    }

    [Fact]
    public void JSON_members_are_camelCase()
    {
        Violation.AssertNone(JsonMembers.Check(Repository.Current));
    }

    [Fact]
    public void No_two_public_types_have_the_same_name()
    {
        Violation.AssertNone(PublicTypeNames.Check(Repository.Current));
    }

    [Fact]
    public void Published_schemas_match_their_locks()
    {
        Violation.AssertNone(SchemaLocks.Check(Repository.Current));
    }

    [Fact]
    public void Commit_subjects_stay_within_their_limit()
    {
        string[] arguments = ["-c", "safe.directory=*", "log", "--since=" + CommitSubjects.Since, "--format=%h%x09%s"];
        ProcessResult log = ChildProcess.Run("git", arguments, RepositoryRoot.Path).EnsureSuccess();
        Violation.AssertNone(CommitSubjects.Check(log.Output.Split('\n')));
    }
}
