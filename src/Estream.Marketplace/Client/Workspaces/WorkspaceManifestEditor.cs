using System.Text;
using Estream.Marketplace.Toml;

namespace Estream.Marketplace.Workspaces;

/// <summary>
/// Edits the requirements in the text of a workspace file: changes one line and keeps all others as written. Refuses an edit if the new
/// text would mean anything other than the requested change. Stateless.
/// </summary>
public static class WorkspaceManifestEditor
{
    private const string Section = "components";

    /// <summary>Adds a component, or changes its version range.</summary>
    /// <param name="text">The current text of a valid workspace file.</param>
    /// <param name="wanted">The component and its version range.</param>
    /// <returns>The new text, or null if it must be edited by hand, because <c>components</c> is not written as lines in a table.</returns>
    /// <exception cref="ArgumentException">The text is not a valid workspace file.</exception>
    public static string? Add(string text, ComponentRequirement wanted)
    {
        ArgumentNullException.ThrowIfNull(wanted);
        ComponentRequirement[] before = [.. Read(text)];
        List<string> lines = [.. text.Split('\n')];
        string line = $"{Line(wanted.Name, wanted.Range.ToString())}{(text.Contains("\r\n", StringComparison.Ordinal) ? "\r" : "")}";
        TomlTable? table = TableOf(text);
        int at = LineOf(table?.Find(wanted.Name.ToString()));
        if (at >= 0)
        {
            lines[at] = line;
        }
        else if (table is { Entries.Count: > 0 })
        {
            lines.Insert(table.Entries.Max(LineOf) + 1, line);
        }
        else if (lines.FindIndex(one => one.Split('#', 2)[0].Trim() == $"[{Section}]") is >= 0 and int header)
        {
            lines.Insert(header + 1, line);
        }
        else
        {
            lines = [.. text.TrimEnd('\n').Split('\n'), "", $"[{Section}]", line, ""];
        }

        ComponentRequirement[] after = before.Any(one => one.Name == wanted.Name)
            ? [.. before.Select(one => one.Name == wanted.Name ? wanted : one)]
            : [.. before, wanted];
        return Confirmed(string.Join('\n', lines), after);
    }

    /// <summary>Removes a component.</summary>
    /// <param name="text">The current text of a valid workspace file.</param>
    /// <param name="name">A component that the file asks for.</param>
    /// <returns>As <see cref="Add"/>.</returns>
    /// <exception cref="ArgumentException">The text is not a valid workspace file, or does not ask for the component.</exception>
    public static string? Remove(string text, ComponentName name)
    {
        ArgumentNullException.ThrowIfNull(name);
        ComponentRequirement[] before = [.. Read(text)];
        if (!before.Any(one => one.Name == name))
        {
            throw new ArgumentException($"{WorkspaceManifest.FileName} does not ask for {name}.", nameof(name));
        }

        List<string> lines = [.. text.Split('\n')];
        lines.RemoveAt(LineOf(TableOf(text)!.Find(name.ToString())));
        return Confirmed(string.Join('\n', lines), [.. before.Where(one => one.Name != name)]);
    }

    private static IReadOnlyList<ComponentRequirement> Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        WorkspaceReadResult read = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(text));
        return read.Manifest?.Requirements
            ?? throw new ArgumentException($"The file is not a valid workspace file: {read.Errors[0]}", nameof(text));
    }

    private static TomlTable? TableOf(string text) => TomlReader.Read(Encoding.UTF8.GetBytes(text)).Root?.Find(Section)?.Value as TomlTable;

    private static int LineOf(TomlEntry? entry) => entry is null ? -1 : entry.KeyPosition.Line - 1;

    /// <summary>Returns the line that asks for a component, as written under <c>[components]</c>.</summary>
    /// <param name="name">The component.</param>
    /// <param name="range">Its version range, as text.</param>
    public static string Line(ComponentName name, string range)
    {
        ArgumentNullException.ThrowIfNull(name);
        return $"{(name.Scope is null ? name.ToString() : $"\"{name}\"")} = \"{range}\"";
    }

    // TOML has many ways to write a table. Read the edited text back, and discard it unless it has exactly the expected requirements.
    private static string? Confirmed(string text, ComponentRequirement[] expected)
    {
        WorkspaceReadResult read = WorkspaceManifest.Read(Encoding.UTF8.GetBytes(text));
        return read.Manifest is not null && read.Manifest.Requirements.OrderBy(one => one.Name)
            .SequenceEqual(expected.OrderBy(one => one.Name)) ? text : null;
    }
}
