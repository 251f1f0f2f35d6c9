using System.CommandLine;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Client;
using Estream.Marketplace.Registries;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace search`: finds components by name in the registries of a workspace.</summary>
internal static class SearchCommand
{
    private const int MaxNames = 10_000;

    public static Command Create(CliContext context)
    {
        Argument<string> text = MarketplaceOptions.WithoutOptions(new Argument<string>("TEXT")
        {
            Description = "A part of the component name. Default: all components.",
            DefaultValueFactory = _ => "",
            Arity = ArgumentArity.ZeroOrOne,
        });
        Option<int> limit = new("--limit")
        {
            Description = $"The maximum number of names, 1 to {MaxNames}.",
            DefaultValueFactory = _ => 100,
            HelpName = "N",
        };
        WorkspaceOptions options = new();
        Command command = options.On(
            new Command("search", "Lists components whose name contains a text: newest version, category, description, and the "
                + "registry that each would be installed from.") { text, limit });
        command.SetAction(async (parsed, _) =>
        {
            int most = parsed.GetValue(limit) is >= 1 and <= MaxNames and int n
                ? n
                : throw new CliException($"--limit takes 1 to {MaxNames}.");
            using WorkspaceSession session = WorkspaceSession.Open(context, parsed, options);
            bool isJson = parsed.GetValue(options.Json);
            return await WorkspaceRejection.AnswerAsync(context, isJson,
                () => RunAsync(context, session, parsed.GetValue(text) ?? "", most, isJson)).ConfigureAwait(false);
        });
        return command;
    }

    private static async Task<int> RunAsync(CliContext context, WorkspaceSession session, string text, int most, bool isJson)
    {
        SortedDictionary<ComponentName, RegistryView> found = [];
        foreach (TrustedRegistry registry in session.Registries.Registries)
        {
            // Names are not signed individually, so list nothing from a registry that is not trusted.
            RegistryFolderCheck.RequireThere(registry.Place);
            RegistryView view = await registry.RefreshAsync(context.Clock, context.Cancellation).ConfigureAwait(false);
            foreach (ComponentName name in await registry.Place.SearchAsync(text, MaxNames, context.Cancellation).ConfigureAwait(false))
            {
                // A registry may list names of a scope that the workspace assigns to another registry; skip them.
                if (session.Registries.Find(name) == registry)
                {
                    found[name] = view;
                }
            }
        }

        using LineWriter lines = new(context.Output);
        foreach ((ComponentName name, RegistryView view) in found.Take(most))
        {
            IReadOnlyList<RegistryRelease> releases = await view.ListAsync(name, context.Cancellation).ConfigureAwait(false);
            Write(lines, name, NewestOf(releases), view.Registry, isJson);
        }

        if (found.Count == 0)
        {
            context.Error.WriteLine(text.Length > 0
                ? $"estream: No component name contains '{WorkspaceText.Plain(text)}'."
                : "estream: The registries of this workspace have no components.");
        }

        return found.Count > 0 ? ExitCode.Ok : ExitCode.No;
    }

    // As in a resolution: a yanked release or a pre-release only if there is no other.
    private static RegistryRelease? NewestOf(IReadOnlyList<RegistryRelease> releases) =>
        releases.LastOrDefault(release => release.YankReason is null && !release.Version.IsPreRelease)
        ?? releases.LastOrDefault(release => release.YankReason is null) ?? (releases.Count > 0 ? releases[^1] : null);

    private static void Write(LineWriter lines, ComponentName name, RegistryRelease? newest, TrustedRegistry registry, bool isJson)
    {
        if (isJson)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("name", name.ToString());
                json.WriteString("source", registry.Name);
                if (newest is not null)
                {
                    json.WriteString("version", newest.Version.ToString());
                    json.WriteString("category", newest.Category);
                    json.WriteString("description", newest.Description);
                }
            });
            return;
        }

        lines.WriteLine(newest is null
            ? $"{name}  from {registry.Name}"
            : $"{newest}  {WorkspaceText.Plain(newest.Category)}, from {registry.Name}{(newest.YankReason is null ? "" : ", yanked")}");
        if (newest is { Description.Length: > 0 })
        {
            lines.WriteLine($"    {WorkspaceText.Plain(newest.Description)}");
        }
    }
}
