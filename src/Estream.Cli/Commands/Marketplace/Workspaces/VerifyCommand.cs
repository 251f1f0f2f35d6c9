using System.CommandLine;
using System.Globalization;
using Estream.Cli.Data;
using Estream.Cli.Output;
using Estream.Core;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Trust.Bundles;
using Estream.Marketplace.Trust.Namespaces;
using Estream.Marketplace.Trust.Roles;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace verify`: verifies the origin of a package, or all components in the lock file of a workspace.</summary>
internal static class VerifyCommand
{
    private const string PackageEnding = ".escx";
    private const string BundleEnding = ".escb";

    public static Command Create(CliContext context)
    {
        Argument<string?> file = new("FILE")
        {
            Description =
                $"A bundle that contains its package, or a package ({PackageEnding}) with its bundle ({BundleEnding}) in the same folder. "
                + $"Default: fetch and verify everything in {WorkspaceLock.FileName} again.",
            Arity = ArgumentArity.ZeroOrOne,
        };
        Option<bool> offline = new("--offline")
        {
            Description = "Contact no server. Default: ask the registry whether the release was yanked or a key revoked.",
        };
        Option<string?> root = new("--root")
        {
            Description = "The trusted root file for FILE, instead of the roots pinned in the workspace file.",
            HelpName = "FILE",
        };
        Option<string?> bundle = new("--bundle") { Description = "The bundle of the package, if it has another name.", HelpName = "FILE" };
        Option<string> maxAge = WorkspaceOptions.AgeOption("--max-age",
            "The maximum age of the bundle, such as 12h or 30d. Later revocations cannot be detected. Default with --offline and --root: "
            + "30d.");
        WorkspaceOptions options = new();
        Command command = options.On(
            new Command("verify",
                "Verifies the origin of a package, from the pinned root to each of its files. No option skips a check.") { file,
                    offline, root, bundle, maxAge });
        command.SetAction(async (parsed, _) =>
        {
            bool isJson = parsed.GetValue(options.Json);
            if (parsed.GetValue(file) is not { } path)
            {
                return parsed.GetValue(offline) || parsed.GetValue(root) is not null
                    ? throw new CliException("--offline and --root require FILE. A workspace is always verified with its registries.")
                    : await VerifyWorkspaceAsync(context, parsed, options).ConfigureAwait(false);
            }

            (byte[] proof, byte[]? package) = Read(path, parsed.GetValue(bundle));
            ReleaseCheck check = new(context.Clock, WorkspaceOptions.AgeOf(parsed, maxAge));
            if (parsed.GetValue(root) is { } pinned)
            {
                TrustAnchor anchor = RegistrySet.ReadRoot(pinned, $"of '{path}'", context.Clock, FileStorage.Instance);
                return Tell(context, check.Check(BundleTrust.Of(anchor.Root), proof, package), anchor.Root.Registry, isJson);
            }

            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            ComponentName? name = NameIn(proof);
            if ((name is not null ? session.Registries.Find(name) : session.Registries.Registries is [{ } first, ..]
                ? first : null) is not { } registry)
            {
                return Refuse(context,
                    $"{WorkspaceManifest.FileName} names no registry for "
                    + (name is null ? "anything" : name.Scope is null ? "components without a scope" : $"the scope '@{name.Scope}'")
                    + ", so the release is not trusted. Add a registry with its root to the file, or give a root with --root.",
                    isJson);
            }

            if (parsed.GetValue(offline))
            {
                return Tell(context, check.Check(registry.Trust, proof, package), registry.Name, isJson);
            }

            return await WorkspaceRejection.AnswerAsync(context, isJson, async () =>
            {
                (CheckedRelease found, string? taken) = await CheckNowAsync(context, registry, check, proof, package).ConfigureAwait(false);
                return taken is null ? Tell(context, found, registry.Name, isJson) : Refuse(context, taken, isJson);
            }).ConfigureAwait(false);
        });
        return command;
    }

    // Returns the component named in the publication entry of a bundle, or null. Only the registry of its scope verifies the bundle.
    private static ComponentName? NameIn(byte[] proof) =>
        ComponentBundle.TryRead(proof, out ComponentBundle? read, out _)
            && LogEntry.TryRead(read[BundlePart.Publication].Span, out _, out LogEntry? entry, out _) && entry is PublishEntry publication
                ? publication.Name
                : null;

    // Uses the current state of the registry, so a release that was yanked after the bundle was made is detected.
    private static async Task<(CheckedRelease Found, string? Taken)> CheckNowAsync(CliContext context, TrustedRegistry registry,
        ReleaseCheck check, byte[] proof, byte[]? package)
    {
        RegistryView view = await registry.RefreshAsync(context.Clock, context.Cancellation).ConfigureAwait(false);
        CheckedRelease found = await check.CheckAsync(view, proof, package, context.Cancellation).ConfigureAwait(false);
        if (found.Release is not { } release)
        {
            return (found, null);
        }

        RegistryRelease? said = (await view.ListAsync(release.Name, context.Cancellation).ConfigureAwait(false)).FirstOrDefault(one =>
            one.Version == release.Version);
        return (found, said is null
            ? $"{release.Name} {release.Version} was published, but the registry {registry.Name} ({registry.Place.Location}) does not list "
                + "it. Use another mirror, or verify with --offline."
            : said.YankReason is { } reason ? $"{release.Name} {release.Version} was yanked: {reason}"
            : null);
    }

    private static async Task<int> VerifyWorkspaceAsync(CliContext context, ParseResult parsed, WorkspaceOptions options)
    {
        using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
        WorkspaceLock locked = WorkspaceSession.ReadLock(parsed.GetRequiredValue(options.Folder));
        bool isJson = parsed.GetValue(options.Json), isRight = true;
        using LineWriter lines = new(context.Output);
        await foreach ((LockedComponent component, string? fault) in session.Client.VerifyAsync(locked, context.Cancellation)
            .ConfigureAwait(false))
        {
            isRight &= fault is null;
            if (isJson)
            {
                lines.WriteObject(json =>
                {
                    json.WriteString("status", fault is null ? "verified" : "refused");
                    json.WriteString("name", component.Name.ToString());
                    json.WriteString("version", component.Version.ToString());
                    json.WriteString("message", fault);
                });
            }
            else
            {
                lines.WriteLine(
                    WorkspaceText.Plain(fault is null
                        ? $"{component}  verified, from {component.Source}" : $"{component}  REFUSED: {fault}"));
            }
        }

        if (locked.Components.Count == 0 && !isJson)
        {
            lines.WriteLine("No components are installed.");
        }

        return isRight ? ExitCode.Ok : ExitCode.No;
    }

    private static int Tell(CliContext context, CheckedRelease found, string source, bool isJson)
    {
        if (!found.IsAccepted)
        {
            return Refuse(context, found.Reason, isJson);
        }

        VerifiedRelease release = found.Release;
        using LineWriter lines = new(context.Output);
        if (isJson)
        {
            WorkspaceText.WriteVerified(lines, release, source);
            return ExitCode.Ok;
        }

        lines.WriteLine(
            $"{release.Name} {release.Version} is verified as published by its owners, as of "
            + $"{release.AsOf.UtcDateTime.ToString("yyyy-MM-dd HH:mm", CultureInfo.InvariantCulture)} UTC");
        lines.WriteLine($"    registry   {source}");
        lines.WriteLine($"    root       {release.Root256}");
        lines.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"    log        entry {release.LogIndex} of {release.LogSize}, {release.WitnessCount} witnesses"));
        foreach (string key in release.Signers.Select(signer => signer.Id))
        {
            lines.WriteLine($"    signed by  {key}");
        }

        foreach (string permission in release.Statement.Package.Permissions)
        {
            lines.WriteLine(WorkspaceText.Plain($"    permission {permission}"));
        }

        return ExitCode.Ok;
    }

    private static int Refuse(CliContext context, string reason, bool isJson)
    {
        if (!isJson)
        {
            throw new CliException(WorkspaceText.Plain(reason), ExitCode.No);
        }

        using LineWriter lines = new(context.Output);
        WorkspaceText.WriteRefusal(lines, "refused", reason);
        return ExitCode.No;
    }

    private static (byte[] Bundle, byte[]? Package) Read(string path, string? bundle)
    {
        if (bundle is null && !path.EndsWith(PackageEnding, StringComparison.Ordinal))
        {
            return (ReadWhole(path, ComponentBundle.MaxBytes), null);
        }

        byte[] package = ReadWhole(path, RegistryLimits.MaxPackageBytes);
        string beside = bundle ?? path[..^PackageEnding.Length] + BundleEnding;
        return File.Exists(beside)
            ? (ReadWhole(beside, ComponentBundle.MaxBytes), package)
            : throw new CliException(
                $"The bundle '{beside}' of the package does not exist. Name it with --bundle; a package cannot be verified without its "
                + "bundle.");
    }

    private static byte[] ReadWhole(string path, int most) =>
        NamedFile.Read(path, most)
            ?? throw new CliException(
                string.Create(CultureInfo.InvariantCulture, $"'{path}' is longer than the maximum of {most} bytes."), ExitCode.No);
}
