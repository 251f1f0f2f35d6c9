using System.CommandLine;
using Estream.Esf.Schema;
using Estream.Esf.Schema.Internal;
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
            Description = $"The category of the component: {ComponentTemplates.Listed}.",
            HelpName = "CATEGORY",
            Required = true,
        };
        AcceptTemplates(category);
        Option<string?> folder = new("--out")
        {
            Description = "The folder to create; it must be empty or not exist. Default: the name without its scope.",
            HelpName = "FOLDER",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("scaffold",
            "Creates a component from a template: a manifest and the files it names, ready to lint, test and pack.") { name, category,
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
                "The folder to create; it must be empty or not exist. Default: the current folder. A scoped name such as @acme/doors also "
                + "names the component and creates the folder 'doors'.",
            DefaultValueFactory = _ => ".",
        };
        Option<string> template = new("--template")
        {
            Description = $"The template: {ComponentTemplates.Listed}.",
            HelpName = "NAME",
            Required = true,
        };
        AcceptTemplates(template);
        Option<string> name = new("--name")
        {
            Description = "The name of the component. Default: @example/ and the name of the folder.",
            HelpName = "COMPONENT",
        };
        Option<bool> json = SharedOptions.Json();
        Command command = new("init", "Creates a component from a template, like 'estream marketplace scaffold'. Example: estream init "
            + "@acme/doors --template smart-circuit") { folder,
            template, name, json };
        command.SetAction(parsed =>
        {
            using MarketplaceOutput said = new(context, parsed.GetValue(json));
            string place = parsed.GetRequiredValue(folder);
            string? called = parsed.GetValue(name) ?? (place.StartsWith('@') ? place : null);
            if (called is null && place.Contains('/', StringComparison.Ordinal) && ComponentName.TryParse("@" + place, out _, out _))
            {
                throw new CliException($"'{place}' is either the folder '{place}' or the component '@{place}'. Write @{place} for the "
                    + $"component, or add --name with its name for the folder.");
            }

            string path = called == place ? WithoutScope(place) : place;
            Write(said, parsed.GetRequiredValue(template), called ?? "@example/" + Path.GetFileName(Path.GetFullPath(path)), path);
            return ExitCode.Ok;
        });
        return command;
    }

    private static void AcceptTemplates(Option<string> option)
    {
        option.CompletionSources.Add(ComponentTemplates.Words);
        option.Validators.Add(result =>
        {
            if (result.Tokens is [{ Value: { } word }] && !ComponentTemplates.Words.Contains(word))
            {
                result.AddError($"There is no template '{word}'.{NearestName.Hint(word, ComponentTemplates.Words)} Use one of: "
                    + $"{string.Join(", ", ComponentTemplates.Words.Select(one => $"'{one}'"))}.");
            }
        });
    }

    private static string WithoutScope(string name) => name[(name.IndexOf('/', StringComparison.Ordinal) + 1)..];

    private static void Write(MarketplaceOutput said, string template, string name, string folder)
    {
        if (!ComponentName.TryParse(name, out ComponentName? component, out ParseFault? fault))
        {
            throw new CliException($"'{name}' is not a valid component name: {fault}. Write a name such as @acme/doors.");
        }

        foreach (string file in ComponentTemplates.Write(template, component.ToString(), folder))
        {
            said.Say(Path.Combine(folder, file), json => json.WriteString("file", Path.Combine(folder, file)));
        }

        said.Note($"Next: estream marketplace lint {folder}");
    }
}
