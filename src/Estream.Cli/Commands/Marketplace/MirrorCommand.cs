using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace mirror`: releases copied from one registry to another. Needs no keys: who installs from the mirror verifies what is in it.</summary>
internal static class MirrorCommand
{
    public static Command Create(CliContext context)
    {
        const string Forms = "directory:PATH, git:REMOTE, oci:PATH, or an address of https";
        Argument<string> from = new("FROM") { Description = $"The registry with the releases: {Forms}." };
        Argument<string> to = new("TO") { Description = "The registry they go to." };
        Argument<string[]> components = new("COMPONENT") { Description = "The components; without any, all.", Arity = ArgumentArity.ZeroOrMore };
        WorkspaceOptions options = new();
        Option<bool> json = options.Json;
        Command command = new("mirror", "Copies releases from one registry to another, byte for byte, with what was taken back and deprecated. Nothing is verified by it: who installs from the mirror does that.") { from, to, components, options.Cache, json };
        command.SetAction(async (parsed, _) =>
        {
            string folder = Directory.GetCurrentDirectory(), cache = parsed.GetRequiredValue(options.Cache);
            bool isJson = parsed.GetValue(json);
            IComponentRegistry source = RegistryAddress.Open(parsed.GetRequiredValue(from), folder, cache), target = RegistryAddress.Open(parsed.GetRequiredValue(to), folder, cache);
            using IDisposable? first = source as IDisposable, second = target as IDisposable;
            ComponentName[] named = [.. (parsed.GetValue(components) ?? []).Select(WorkspaceSession.Name)];
            IReadOnlyList<ComponentName> names = named.Length > 0 ? named : await source.SearchAsync("", RegistryLimits.MaxComponents, context.Cancellation).ConfigureAwait(false);
            using LineWriter lines = new(context.Output);
            int copied = await RegistryMirror.RunAsync(source, target, names, release => Write(lines, release, isJson), context.Cancellation).ConfigureAwait(false);
            if (!isJson)
            {
                lines.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{copied} releases of {names.Count} components were copied; what {target.Location} had already stayed."));
            }

            return ExitCode.Ok;
        });
        return command;
    }

    private static void Write(LineWriter lines, RegistryRelease release, bool isJson)
    {
        if (!isJson)
        {
            lines.WriteLine($"+ {release}");
            return;
        }

        WorkspaceText.Json(lines, json =>
        {
            json.WriteString("name", release.Name.ToString());
            json.WriteString("version", release.Version.ToString());
        });
    }
}
