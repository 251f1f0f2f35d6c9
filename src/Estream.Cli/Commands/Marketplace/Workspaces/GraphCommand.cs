using System.CommandLine;
using Estream.Cli.Output;
using Estream.Marketplace;
using Estream.Marketplace.Workspaces;

namespace Estream.Cli.Commands.Marketplace;

/// <summary>`estream marketplace graph`: shows the components of a workspace and their dependencies. Contacts no registry.</summary>
internal static class GraphCommand
{
    public static Command Create(CliContext context)
    {
        WorkspaceOptions options = new();
        Option<string> folder = options.Folder;
        Option<bool> folders = new("--folders") { Description = "Print the folder of each component on this machine." };
        Option<bool> dot = new("--dot") { Description = "Print the graph in the DOT language of Graphviz." };
        Option<bool> json = SharedOptions.Json();
        Command command = new("graph", $"Prints the components in {WorkspaceLock.FileName} and their dependencies as a tree.") { folder,
            options.Cache, folders, dot, json };
        command.SetAction(parsed =>
        {
            WorkspaceLock locked = WorkspaceSession.ReadLock(parsed.GetRequiredValue(folder));
            ComponentCache cache = new(parsed.GetRequiredValue(options.Cache));
            using LineWriter lines = new(context.Output);
            if (parsed.GetValue(json))
            {
                WriteJson(lines, locked, cache);
            }
            else if (parsed.GetValue(dot))
            {
                WriteDot(lines, locked);
            }
            else if (locked.Components.Count == 0)
            {
                lines.WriteLine("No components are installed.");
            }
            else if (parsed.GetValue(folders))
            {
                WriteFolders(lines, locked, cache);
            }
            else
            {
                WriteTree(lines, locked);
            }

            return ExitCode.Ok;
        });
        return command;
    }

    // The dependencies of a component are printed once; later occurrences are marked "(above)".
    private static void WriteTree(LineWriter lines, WorkspaceLock locked)
    {
        Dictionary<ComponentName, LockedComponent> byName = locked.Components.ToDictionary(component => component.Name);
        HashSet<ComponentName> opened = [];
        Stack<(ComponentName Name, int Depth)> open = new();
        IEnumerable<ComponentName> roots = locked.Requirements.Select(requirement => requirement.Name);
        foreach (ComponentName name in roots.Concat(locked.Schemas.Values).Distinct().Reverse())
        {
            open.Push((name, 0));
        }

        while (open.TryPop(out (ComponentName Name, int Depth) next))
        {
            LockedComponent component = byName[next.Name];
            bool isFirst = opened.Add(next.Name);
            if (!isFirst && next.Depth == 0)
            {
                continue;
            }

            string schemas = string.Join(", ", locked.Schemas.Where(schema => schema.Value == next.Name).Select(schema => schema.Key));
            lines.WriteLine(
                $"{new string(' ', 2 * next.Depth)}{component}{(isFirst ? $"  {component.Source}" : " (above)")}"
                + $"{(isFirst && schemas.Length > 0 ? $", for {schemas}" : "")}");
            foreach (ComponentName need in isFirst ? component.Dependencies.Reverse() : [])
            {
                open.Push((need, next.Depth + 1));
            }
        }
    }

    private static void WriteFolders(LineWriter lines, WorkspaceLock locked, ComponentCache cache)
    {
        foreach (LockedComponent component in locked.Components)
        {
            lines.WriteLine($"{component}  {FolderOf(component, cache) ?? "not on this machine; run 'estream marketplace install'"}");
        }
    }

    private static string? FolderOf(LockedComponent component, ComponentCache cache) =>
        cache.FolderOf(component.Root256) is var folder && Directory.Exists(folder) ? folder : null;

    private static void WriteDot(LineWriter lines, WorkspaceLock locked)
    {
        lines.WriteLine("digraph workspace {");
        foreach (LockedComponent component in locked.Components)
        {
            lines.WriteLine($"  \"{component.Name}\" [label=\"{component}\"];");
            foreach (ComponentName need in component.Dependencies)
            {
                lines.WriteLine($"  \"{component.Name}\" -> \"{need}\";");
            }
        }

        lines.WriteLine("}");
    }

    private static void WriteJson(LineWriter lines, WorkspaceLock locked, ComponentCache cache)
    {
        foreach (LockedComponent component in locked.Components)
        {
            lines.WriteObject(json =>
            {
                json.WriteString("name", component.Name.ToString());
                json.WriteString("version", component.Version.ToString());
                json.WriteString("root256", component.Root256);
                json.WriteString("source", component.Source);
                json.WriteString("tier", component.Tier is { } tier ? WorkspaceText.NameOf(tier) : null);
                json.WriteString("folder", FolderOf(component, cache));
                json.WriteBoolean("direct", locked.Requirements.Any(requirement => requirement.Name == component.Name));
                json.WriteTexts("dependencies", component.Dependencies.Select(need => need.ToString()));
                json.WriteTexts("permissions", component.Permissions);
                json.WriteTexts("schemas", locked.Schemas.Where(schema => schema.Value == component.Name).Select(schema => schema.Key));
            });
        }
    }
}
