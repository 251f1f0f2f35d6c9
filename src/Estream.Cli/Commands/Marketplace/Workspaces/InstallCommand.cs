using System.CommandLine;
using Estream.Esf.Schema;
using Estream.Marketplace;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace install`: installs the components of the workspace file, and adds components to it.</summary>
internal static class InstallCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string[]> components = MarketplaceOptions.WithoutOptions(new Argument<string[]>("COMPONENT")
        {
            Description =
                "Components to add to the workspace file: NAME or NAME@RANGE, such as esf-iot@^1.2. Without a range, the newest release "
                + "and compatible later ones. Default: install the components of the workspace file.",
            Arity = ArgumentArity.ZeroOrMore,
        });
        Option<bool> locked = new("--locked")
        {
            Description =
                $"Install exactly the versions in {WorkspaceLock.FileName}; fail if they do not match the workspace file. Writes neither "
                + "file.",
        };
        Option<bool> approved = Approval();
        Option<string> cooldown = WorkspaceOptions.AgeOption("--cooldown",
            "The minimum age of a release, such as 72h; overrides the workspace file.");
        WorkspaceOptions options = new();
        InstalledComponents.Complete(components, options);
        Command command = options.On(
            new Command("install",
                "Installs the components of a workspace, and adds components to it. Verifies every release. New permissions, components, "
                + "keys and registries need approval.") { components, locked, approved, cooldown });
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            string[] wanted = parsed.GetValue(components) ?? [];
            bool isJson = parsed.GetValue(options.Json);
            WorkspaceRun run = new(context, session, "install", parsed.GetValue(approved), isJson);
            TimeSpan age = WorkspaceOptions.AgeOf(parsed, cooldown) ?? session.Manifest.Policy.MinimumReleaseAge;
            if (parsed.GetValue(locked))
            {
                return wanted.Length == 0
                    ? await run.RunAsync(_ =>
                        session.Client.PlanLockedAsync(session.Manifest.WithMinimumReleaseAge(age), context.Cancellation),
                        null).ConfigureAwait(false)
                    : throw new CliException("--locked cannot be combined with components.");
            }

            return await WorkspaceRejection.AnswerAsync(context, isJson, () => RunAsync(context, session, run, wanted, age))
                .ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, WorkspaceSession session, WorkspaceRun run, string[] wanted, TimeSpan age)
    {
        string text = session.Text;
        foreach (string one in wanted)
        {
            ComponentRequirement requirement = await RequirementAsync(context, session, one,
                session.Manifest.Policy with { MinimumReleaseAge = age }).ConfigureAwait(false);
            text = WorkspaceManifestEditor.Add(text, requirement)
                ?? throw new CliException(
                    $"[components] of {WorkspaceManifest.FileName} is written in a form that this command cannot edit. Add this line "
                    + "yourself: "
                    + $"{WorkspaceManifestEditor.Line(requirement.Name, requirement.Range.ToString())}");
        }

        WorkspaceManifest manifest = WorkspaceSession.Parse(text).WithMinimumReleaseAge(age);
        return await run.RunAsync(progress => session.Client.PlanAsync(manifest, null, progress, context.Cancellation), text)
            .ConfigureAwait(false);
    }

    public static Option<bool> Approval() =>
        new("--yes", "--approve")
        {
            Description = "Approve all new permissions, components, keys and registries.",
        };

    private static async Task<ComponentRequirement> RequirementAsync(CliContext context, WorkspaceSession session, string text,
        ResolutionPolicy policy)
    {
        int at = text.LastIndexOf('@');
        ComponentName name = WorkspaceSession.Name(at > 0 ? text[..at] : text);
        if (at <= 0)
        {
            return new ComponentRequirement(name, await NewestAsync(context, session, name, policy).ConfigureAwait(false));
        }

        return VersionRange.TryParse(text[(at + 1)..], out VersionRange? range, out ParseFault? fault)
            ? new ComponentRequirement(name, range)
            : throw new CliException($"'{text[(at + 1)..]}' is not a valid version range: {fault}");
    }

    // Returns the range of the newest usable release; if there is none, any release, and the resolution reports why.
    private static async Task<VersionRange> NewestAsync(CliContext context, WorkspaceSession session, ComponentName name,
        ResolutionPolicy policy)
    {
        DateTimeOffset now = context.Now;
        IReadOnlyList<RegistryRelease> releases = await session.Client.ListAsync(name, context.Cancellation).ConfigureAwait(false);
        SemanticVersion? newest = releases.Where(release => release.YankReason is null && !release.Version.IsPreRelease
            && !policy.HasToWait(name, now - release.Published)).Select(release => release.Version).Max();
        return newest is null ? VersionRange.AnyRelease : VersionRange.Parse("^" + newest.ToString().Split('+')[0]);
    }
}
