using System.CommandLine;
using Estream.Esf.Schema;
using Estream.Marketplace;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace scaffold` and `estream init`: create a component from a template.</summary>
internal static class ScaffoldCommand
{
    public static Command Create(CliContext context)
    {
        Argument<string> name = new("NAME") { Description = "The name of the component, such as @acme/doors." };
        Option<string> category = new("--category")
        {
            Description = $"What it is: {ComponentTemplates.Listed}.",
            HelpName = "CATEGORY",
            Required = true,
        };
        category.AcceptOnlyFromAmong(ComponentTemplates.Words);
        Option<string?> folder = new("--out")
        {
            Description = "The folder, which is empty or not there; the name without its scope where it is left out.",
            HelpName = "FOLDER",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("scaffold",
            "Writes a component to begin with: a manifest and the files it names, which lint, test and pack as they are.") { name, category,
                folder, json };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string called = parsed.GetRequiredValue(name);
            Write(said, parsed.GetRequiredValue(category), called, parsed.GetValue(folder) ?? WithoutScope(called));
            return ExitCode.Ok;
        });
        return command;
    }

    public static Command CreateInit(CliContext context)
    {
        Argument<string> folder = new("FOLDER")
        {
            Description =
                "The folder, which is empty or not there; the current one where it is left out. The name of a component with its scope, "
                + "such as @acme/doors, is that of the component too: its folder is 'doors'.",
            DefaultValueFactory = _ => ".",
        };
        Option<string> template = new("--template")
        {
            Description = $"What to begin with: {ComponentTemplates.Listed}.",
            HelpName = "NAME",
            Required = true,
        };
        template.AcceptOnlyFromAmong(ComponentTemplates.Words);
        Option<string> name = new("--name")
        {
            Description = "The name of the component; @example/ and the folder's name where it is left out.",
            HelpName = "COMPONENT",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("init", "Begins a component in a folder, of a template: see 'estream marketplace scaffold'.") { folder,
            template, name, json };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string place = parsed.GetRequiredValue(folder);
            string? called = parsed.GetValue(name) ?? (place.StartsWith('@') ? place : null);
            string path = called == place ? WithoutScope(place) : place;
            Write(said, parsed.GetRequiredValue(template), called ?? "@example/" + Path.GetFileName(Path.GetFullPath(path)), path);
            return ExitCode.Ok;
        });
        return command;
    }

    private static string WithoutScope(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static void Write(MarketplaceOutput said, string template, string name, string folder)
    {
        if (!ComponentName.TryParse(name, out ComponentName? component, out ParseFault? fault))
        {
            throw new CliException($"'{name}' is no name of a component: {fault}. Write one such as @acme/doors");
        }

        foreach (string file in ComponentTemplates.Write(template, component.ToString(), folder))
        {
            said.Say(Path.Combine(folder, file), json => json.WriteString("file", Path.Combine(folder, file)));
        }

        said.Note($"Next: estream marketplace lint {folder}");
    }
}
