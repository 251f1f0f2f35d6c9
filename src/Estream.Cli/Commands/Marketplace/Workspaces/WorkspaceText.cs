using System.Text.Json;
using Estream.Cli.Output;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>Writes changes of a workspace as text or JSON (docs/guides/marketplace.md, "For programs").</summary>
internal static class WorkspaceText
{
    /// <param name="lines">The output.</param>
    /// <param name="result">The result of the installation.</param>
    /// <param name="planned">The planned components and notices.</param>
    /// <param name="isJson">Whether to write JSON.</param>
    /// <param name="isShown">Whether the changes were already shown with the question for approval.</param>
    public static void WriteResult(LineWriter lines, WorkspaceInstallResult result, WorkspacePlan planned, bool isJson, bool isShown)
    {
        int count = planned.Next!.Components.Count;
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("status", NameOf(result.Status));
                json.WriteNumber("components", count);
                WriteChanges(json, result.Change, isAsked: true);
                json.WriteTexts("notices", planned.Notices);
            });
            return;
        }

        if (!isShown)
        {
            WriteChange(lines, result.Change, isAsked: true);
        }

        foreach (string notice in planned.Notices)
        {
            lines.WriteLine(Plain($"! {notice}"));
        }

        lines.WriteLine(result.Status switch
        {
            WorkspaceInstallStatus.NeedsApproval when isShown => "Nothing was changed.",
            WorkspaceInstallStatus.NeedsApproval => "Nothing was changed. Review what needs approval, and run the command again with "
                + "--yes.",
            WorkspaceInstallStatus.Unchanged => There(count, "; nothing changed."),
            _ => There(count, "."),
        });
    }

    public static void WriteRolledBack(LineWriter lines, WorkspaceChange change, WorkspaceLock now, bool isJson)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("status", "rolled-back");
                json.WriteNumber("components", now.Components.Count);
                WriteChanges(json, change, isAsked: false);
            });
            return;
        }

        WriteChange(lines, change, isAsked: false);
        lines.WriteLine(There(now.Components.Count, "."));
    }

    public static void WriteRefusal(LineWriter lines, string status, string message) => lines.WriteObject(json =>
    {
        json.WriteString("status", status);
        json.WriteString("message", message);
    });

    public static void WriteRelease(LineWriter lines, RegistryRelease release, string source) => lines.WriteObject(json =>
    {
        json.WriteString("name", release.Name.ToString());
        json.WriteString("version", release.Version.ToString());
        json.WriteString("source", source);
        json.WriteString("category", release.Category);
        json.WriteString("license", release.License);
        json.WriteString("description", release.Description);
        json.WriteString("root256", release.Root256);
        json.WriteString("published", release.Published.UtcDateTime);
        json.WriteTexts("dependencies", release.Dependencies.Select(need => $"{need.Name} {need.Range}"));
        json.WriteTexts("provides", release.Provides);
        json.WriteTexts("requires", release.Requires);
        json.WriteString("yanked", release.YankReason);
        json.WriteString("deprecated", release.Deprecation);
    });

    public static void WriteVerified(LineWriter lines, VerifiedRelease release, string source) => lines.WriteObject(json =>
    {
        json.WriteString("status", "verified");
        json.WriteString("name", release.Name.ToString());
        json.WriteString("version", release.Version.ToString());
        json.WriteString("source", source);
        json.WriteString("root256", release.Root256);
        json.WriteNumber("logIndex", release.LogIndex);
        json.WriteNumber("logSize", release.LogSize);
        json.WriteNumber("witnesses", release.WitnessCount);
        json.WriteString("asOf", release.AsOf.UtcDateTime);
        json.WriteTexts("signers", release.Signers.Select(signer => signer.Id));
        json.WriteTexts("permissions", release.Statement.Package.Permissions);
        json.WriteTexts("dependencies", release.Statement.Package.Dependencies.Select(need => $"{need.Key} {need.Value}"));
    });

    /// <summary>Replaces the control characters of an untrusted text, except line feeds, with '?'.</summary>
    public static string Plain(string text) =>
        string.Concat(text.Select(character => char.IsControl(character) && character != '\n' ? '?' : character));

    // isAsked: whether the user is asked for approval. False for a rollback, whose components were approved when they were installed.
    public static void WriteChange(LineWriter lines, WorkspaceChange change, bool isAsked)
    {
        foreach (ComponentChange one in change.Components)
        {
            lines.WriteLine(one.After is { } after ? $"{one}  from {after.Source}{Tier(after)}" : one.ToString());
            foreach (string reason in isAsked ? one.Reasons : [])
            {
                lines.WriteLine(Plain($"    needs approval: {reason}"));
            }
        }
    }

    private static void WriteChanges(Utf8JsonWriter json, WorkspaceChange change, bool isAsked)
    {
        json.WriteStartArray("changes");
        foreach (ComponentChange one in change.Components)
        {
            json.WriteStartObject();
            json.WriteString("name", one.Name.ToString());
            json.WriteString("from", one.Before?.Version.ToString());
            json.WriteString("to", one.After?.Version.ToString());
            json.WriteString("source", one.After?.Source);
            json.WriteString("tier", one.After?.Tier is { } tier ? NameOf(tier) : null);
            json.WriteTexts("approve", isAsked ? one.Reasons : []);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    /// <summary>Returns a trust tier as the workspace lock writes it.</summary>
    public static string NameOf(TrustTier tier) => tier switch
    {
        TrustTier.Core => "core",
        TrustTier.Verified => "verified",
        TrustTier.Community => "community",
        _ => "experimental",
    };

    private static string Tier(LockedComponent component) => component.Tier is { } tier ? $", tier {NameOf(tier)}" : "";

    private static string There(int count, string end) => $"{count} {(count == 1 ? "component is" : "components are")} installed{end}";

    private static string NameOf(WorkspaceInstallStatus status) => status switch
    {
        WorkspaceInstallStatus.Installed => "installed",
        WorkspaceInstallStatus.Unchanged => "unchanged",
        WorkspaceInstallStatus.NeedsApproval => "needs-approval",
        _ => "refused",
    };
}
