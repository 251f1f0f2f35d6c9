using System.CommandLine;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Client;

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
            new Command("search", "Lists components whose name contains a text, and the registry that each would be installed "
                + "from.") { text, limit });
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
        SortedDictionary<ComponentName, TrustedRegistry> found = [];
        foreach (TrustedRegistry registry in session.Registries.Registries)
        {
            // Names are not signed individually, so list nothing from a registry that is not trusted.
            RegistryFolderCheck.RequireThere(registry.Place);
            await registry.RefreshAsync(context.Clock, context.Cancellation).ConfigureAwait(false);
            foreach (ComponentName name in await registry.Place.SearchAsync(text, MaxNames, context.Cancellation).ConfigureAwait(false))
            {
                // A registry may list names of a scope that the workspace assigns to another registry; skip them.
                if (session.Registries.Find(name) == registry)
                {
                    found[name] = registry;
                }
            }
        }

        using LineWriter lines = new(context.Output);
        foreach ((ComponentName name, TrustedRegistry registry) in found.Take(most))
        {
            Write(lines, name, registry, isJson);
        }

        if (found.Count == 0)
        {
            context.Error.WriteLine(text.Length > 0
                ? $"estream: No component name contains '{WorkspaceText.Plain(text)}'."
                : "estream: The registries of this workspace have no components.");
        }

        return found.Count > 0 ? ExitCode.Ok : ExitCode.No;
    }

    private static void Write(LineWriter lines, ComponentName name, TrustedRegistry registry, bool isJson)
    {
        if (!isJson)
        {
            lines.WriteLine($"{name}  from {registry.Name}");
            return;
        }

        lines.WriteObject(json =>
        {
            json.WriteString("name", name.ToString());
            json.WriteString("source", registry.Name);
        });
    }
}
