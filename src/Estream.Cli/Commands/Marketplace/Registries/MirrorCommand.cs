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
        const string Forms = "directory:PATH, git:REMOTE, oci:PATH, or an address of https";
        Argument<string> from = new("FROM") { Description = $"The registry with the releases: {Forms}." };
        Argument<string> to = new("TO") { Description = "The registry they go to." };
        Argument<string[]> components = new("COMPONENT")
        {
            Description = "The components; without any, all.",
            Arity = ArgumentArity.ZeroOrMore,
        };
        Option<string?> propose = new("--propose")
        {
            Description =
                "Proposes to the repository of this name at GitHub, to which TO (a git: address) has to lead: a pull request for each "
                + "release. The token is that of 'login' for the interface.",
            HelpName = "OWNER/NAME",
        };
        Option<string> api = new("--github-api")
        {
            Description = "The interface of a GitHub Enterprise.",
            DefaultValueFactory = _ => "https://api.github.com/",
            HelpName = "ADDRESS",
        };
        WorkspaceOptions options = new();
        Option<bool> json = options.Json;
        Command command = new("mirror",
            "Copies releases from one registry to another, byte for byte, with what was taken back and deprecated. Nothing is verified by "
            + "it: who installs from the mirror does that.") { from, to, components, propose, api, options.Cache, json };
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
                    throw new CliException($"{source.Location} has no component {name}, and nothing was copied. Check its name",
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
                        $"{copied} releases of {names.Count} components were copied; what {target.Location} had already stayed."));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static GitHubPullRequests Proposals(string repository, string api, string target, RegistryCredentials credentials)
    {
        if (!target.StartsWith("git:", StringComparison.Ordinal))
        {
            throw new CliException("--propose is for a TO that is a git: address");
        }

        if (repository.Split('/') is not [{ Length: > 0 } owner, { Length: > 0 } name]
            || !Uri.TryCreate(api, UriKind.Absolute, out Uri? address) || RegistryCredentials.OriginOf(address) is not { } origin)
        {
            throw new CliException("--propose takes OWNER/NAME, and --github-api an address of https");
        }

        string Token() =>
            credentials.Find(address)
                ?? throw new CliException($"there is no token for {origin}: give one to 'estream marketplace login {origin}'");
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
