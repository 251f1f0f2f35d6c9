using Estream.Testing;
using Estream.Tidy.Rules;
using Estream.Tidy.Sources;
using Xunit.Abstractions;

namespace Estream.Tidy;

/// <summary>Checks this repository against its own rules; tests in RuleTests show that each rule finds its violations.</summary>
public sealed class RepositoryTests(ITestOutputHelper output)
{
    [Fact]
    public void Projects_refer_to_each_other_only_along_the_arrows()
    {
        Violation.AssertNone(ProjectArrows.Check(Repository.Current));
    }

    [Fact]
    public void The_marketplace_keeps_its_layers()
    {
        Violation.AssertNone(MarketplaceLayers.Check(Repository.Current));
    }

    [Fact]
    public void Unchecked_code_stays_in_Core_and_states_its_guarantor()
    {
        Violation.AssertNone(UnsafeFence.Check(Repository.Current));
        Violation.AssertNone(UnsafeFence.CheckAllowList(Repository.Current));
    }

    [Fact]
    public void Files_and_functions_keep_their_size()
    {
        output.WriteLine(SizeLimits.Report(Repository.Current));
        Violation.AssertNone(SizeLimits.Check(Repository.Current));
    }

    [Fact]
    public void Folders_keep_their_size()
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
    public void Every_page_is_linked_and_every_link_leads_somewhere()
    {
        Violation.AssertNone(DocumentLinks.Check(Repository.Current));
    }

    [Fact]
    public void Nothing_unfinished_or_local_to_one_machine()
    {
        Violation.AssertNone(BannedText.Check(Repository.Current));
    }

    [Fact]
    public void No_call_that_makes_code_untestable_or_tests_flaky()
    {
        Violation.AssertNone(BannedCalls.Check(Repository.Current));
    }

    [Fact]
    public void Whatever_reads_bytes_from_outside_is_fuzzed()
    {
        Violation.AssertNone(FuzzTargets.Check(Repository.Current));
    }

    [Fact]
    public void Members_of_JSON_are_spelt_in_one_way()
    {
        Violation.AssertNone(JsonMembers.Check(Repository.Current));
    }

    [Fact]
    public void No_two_public_types_have_one_name()
    {
        Violation.AssertNone(PublicTypeNames.Check(Repository.Current));
    }

    [Fact]
    public void Published_schemas_only_grow()
    {
        Violation.AssertNone(SchemaLocks.Check(Repository.Current));
    }

    [Fact]
    public void Commit_subjects_keep_their_length()
    {
        string[] arguments = ["-c", "safe.directory=*", "log", "--since=" + CommitSubjects.Since, "--format=%h%x09%s"];
        ProcessResult log = ChildProcess.Run("git", arguments, RepositoryRoot.Path).EnsureSuccess();
        Violation.AssertNone(CommitSubjects.Check(log.Output.Split('\n')));
    }
}
