using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;
using Estream.Marketplace.Registries.Git;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace mirror`: copies releases from one registry to another. Needs no keys, because clients verify what they
/// install from a mirror.</summary>
internal static class MirrorCommand
{
    public static Command Create(CliContext context)
    {
        const string Forms = "directory:PATH, git:REMOTE, oci:PATH or an https URL";
        Argument<string> from = new("FROM") { Description = $"The source registry: {Forms}." };
        Argument<string> to = new("TO") { Description = "The target registry." };
        Argument<string[]> components = new("COMPONENT")
        {
            Description = "The components to copy. Default: all components.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> propose = new("--propose")
        {
            Description =
                "Open a pull request per release in this GitHub repository, instead of writing to it. TO must be the git: address of the "
                + "repository. Uses the token that 'login' stored for --github-api.",
            HelpName = "OWNER/NAME",
        };
        Option<string> api = new("--github-api")
        {
            Description = "The API URL of GitHub or a GitHub Enterprise server.",
            DefaultValueFactory = _ => "https://api.github.com/",
            HelpName = "ADDRESS",
        };
        WorkspaceOptions options = new();
        Option<bool> json = options.Json;
        Command command = new("mirror",
            "Copies releases byte for byte from one registry to another, including yanks and deprecations. Verifies nothing: clients "
            + "verify what they install from the mirror.") { from, to, components, propose, api, options.Cache, json };
        command.SetAction(async (parsed, _) =>
        {
            string folder = Directory.GetCurrentDirectory(), cache = parsed.GetRequiredValue(options.Cache);
            bool isJson = parsed.GetValue(json);
            RegistryCredentials credentials = LoginCommand.Credentials(context);
            string address = parsed.GetRequiredValue(to);
            using GitHubPullRequests? proposals = parsed.GetValue(propose) is { } repository
                ? Proposals(repository, parsed.GetRequiredValue(api), address, credentials)
                : null;
            IComponentRegistry source = RegistryAddress.Open(parsed.GetRequiredValue(from), folder, cache, credentials),
            target = RegistryAddress.Open(address, folder, cache, credentials, proposals);
            using IDisposable? first = source as IDisposable, second = target as IDisposable;
            RegistryFolderCheck.RequireThere(source);
            ComponentName[] named = [.. (parsed.GetValue(components) ?? []).Select(WorkspaceSession.Name)];
            IReadOnlyList<ComponentName> names = named.Length > 0
                ? named
                : await source.SearchAsync("", RegistryLimits.MaxComponents, context.Cancellation).ConfigureAwait(false);
            foreach (ComponentName name in named)
            {
                if ((await source.ListAsync(name, context.Cancellation).ConfigureAwait(false)).Count == 0)
                {
                    throw new CliException($"{source.Location} has no component {name}. Nothing was copied. Check the name.",
                        ExitCode.No);
                }
            }

            using LineWriter lines = new(context.Output);
            int copied = await RegistryMirror.RunAsync(source, target, names, (release, result) => Write(lines, release, result, isJson),
                context.Cancellation).ConfigureAwait(false);
            if (!isJson)
            {
                lines.WriteLine(
                    string.Create(CultureInfo.InvariantCulture,
                        $"{copied} releases of {names.Count} components were copied; existing releases in {target.Location} were kept."));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static GitHubPullRequests Proposals(string repository, string api, string target, RegistryCredentials credentials)
    {
        if (!target.StartsWith("git:", StringComparison.Ordinal))
        {
            throw new CliException("--propose requires a git: address as TO.");
        }

        if (repository.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } name]
            || !Uri.TryCreate(api, UriKind.Absolute, out Uri? address) || RegistryCredentials.OriginOf(address) is not { } origin)
        {
            throw new CliException("--propose takes OWNER/NAME, and --github-api takes an https URL.");
        }

        string Token() =>
            credentials.Find(address)
                ?? throw new CliException($"There is no token for {origin}. Store one with 'estream marketplace login {origin}'.");
        _ = Token();
        try
        {
            return new GitHubPullRequests(address, owner, name, Token);
        }
        catch (ArgumentException wrong)
        {
            throw new CliException(wrong.Message.Split(" (Parameter", 2)[0]);
        }
    }

    private static void Write(LineWriter lines, RegistryRelease release, PublishResult result, bool isJson)
    {
        string proposed = result.Outcome == PublishOutcome.Proposed ? result.Address : "";
        if (!isJson)
        {
            lines.WriteLine(WorkspaceText.Plain(proposed.Length > 0 ? $"+ {release}  proposed: {proposed}" : $"+ {release}"));
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("name", release.Name.ToString());
            json.WriteString("version", release.Version.ToString());
            if (proposed.Length > 0)
            {
                json.WriteString("proposed", proposed);
            }
        });
    }
}
