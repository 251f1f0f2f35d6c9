using System.Text;
using Estream.Esf.Schema;
using Estream.Marketplace.Workspaces;
using Estream.Testing;

namespace Estream.Marketplace.Tests.Workspaces;

/// <summary>docs/formats/workspace.md matches the code: its example and the bounds in its table are valid.</summary>
public sealed class WorkspacePageTests
{
    private static string Page => File.ReadAllText(RepositoryRoot.Combine("docs", "formats", "workspace.md"));

    [Fact]
    public void Example_of_the_page_is_a_valid_workspace()
    {
        string example = Page.Split("```toml\n")[1].Split("```")[0];
        WorkspaceReadResult result = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(example));
        Assert.Empty(result.Errors);
        Assert.Equal(2, result.Manifest!.Requirements.Count);
    }

    [Fact]
    public void Every_bound_in_the_table_is_enforced()
    {
        string[] bounds = [.. Page.Split("| Bound | Versions |")[1].Split("\n\n")[0].Split('\n')
            .Where(row => row.StartsWith("| `", StringComparison.Ordinal))
            .SelectMany(row => row.Split('|')[1].Split('`').Where((_, i) => i % 2 == 1))];
        Assert.True(bounds.Length >= 12, string.Join(' ', bounds));
        Assert.All(bounds, bound => Assert.True(VersionRange.TryParse(bound, out _, out ParseFault? fault), $"{bound}: {fault}"));
    }

    [Fact]
    public void Limits_match_the_page()
    {
        Assert.All(
            new[] { $"at most {WorkspaceLimits.MaxRequirements:N0}", $"from 0 to {WorkspaceLimits.MaxCooldownHours:N0}",
                $"at most {WorkspaceLimits.MaxTextLength} characters",
                $"{WorkspaceLock.MaxBytes >> 20} MiB and {WorkspaceLock.MaxComponents:N0} components",
                $"at most {SemanticVersion.MaxLength} characters", $"at most {SemanticVersion.MaxNumber:N0}",
                $"1 to {ComponentName.MaxScopeLength} characters", $"1 to {ComponentName.MaxNameLength}:" },
            text => Assert.Contains(text, Page, StringComparison.Ordinal));
    }
}
