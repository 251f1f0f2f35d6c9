using System.CommandLine;
using System.Globalization;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace show`: lists the releases of a component, as signed by its registry.</summary>
internal static class ShowCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> component = new("COMPONENT") { Description = "The name of the component, such as @acme/card." };
        WorkspaceOptions options = new();
        InstalledComponents.Complete(component, options);
        Command command = options.On(
            new Command("show",
                "Lists the releases of a component, newest first, as signed by its registry. The signatures of the owners are verified by "
                + "'install'.") { component });
        command.SetAction(async (parsed, _) =>
        {
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            ComponentName name = WorkspaceSession.Name(parsed.GetRequiredValue(component));
            bool isJson = parsed.GetValue(options.Json);
            return await WorkspaceRejection.AnswerAsync(context, isJson, () => RunAsync(context, session, name, isJson))
                .ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, WorkspaceSession session, ComponentName name, bool isJson)
    {
        TrustedRegistry registry = session.Registries.For(name);
        IReadOnlyList<RegistryRelease> releases = await session.Client.ListAsync(name, context.Cancellation).ConfigureAwait(false);
        if (releases.Count == 0)
        {
            throw new CliException(
                $"The registry {registry.Name} ({registry.Place.Location}) has no component {name}. Search for its name with 'estream "
                + "marketplace search'.", ExitCode.No);
        }

        using LineWriter lines = new(context.Output);
        foreach (RegistryRelease release in releases.Reverse())
        {
            if (isJson)
            {
                WorkspaceText.WriteRelease(lines, release, registry.Name);
            }
            else
            {
                Write(lines, release, registry);
            }
        }

        return ExitCode.Ok;
    }

    private static void Write(LineWriter lines, RegistryRelease release, TrustedRegistry registry)
    {
        lines.WriteLine(
            string.Create(CultureInfo.InvariantCulture,
                $"{release}  {release.Category}, {release.License}, from {registry.Name}, {release.Published.UtcDateTime:yyyy-MM-dd}"));
        WriteUnlessEmpty(lines, "", release.Description);
        WriteUnlessEmpty(lines, "yanked: ", release.YankReason);
        WriteUnlessEmpty(lines, "deprecated: ", release.Deprecation);
        WriteUnlessEmpty(lines, "requires ",
            string.Join(", ",
                release.Dependencies.Select(need => $"{need.Name} {need.Range}")
                    .Concat(release.Engines.Select(engine => $"{engine.Name} {engine.Range}"))));
        WriteUnlessEmpty(lines, "requires the schemas ", string.Join(", ", release.Requires));
        WriteUnlessEmpty(lines, "provides the schemas ", string.Join(", ", release.Provides));
    }

    private static void WriteUnlessEmpty(LineWriter lines, string label, string? text)
    {
        if (!string.IsNullOrEmpty(text))
        {
            lines.WriteLine($"    {label}{text}");
        }
    }
}
