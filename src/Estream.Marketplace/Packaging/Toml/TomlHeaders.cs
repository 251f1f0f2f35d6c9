using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>
/// The rules for defining and extending tables (TOML 1.0, sections Keys, Table, Inline Table, Array of Tables). A table is defined once: by
/// a header, by dotted keys, or inline. A header may pass through defined tables; a dotted key may pass only through tables that no header
/// defines.
/// </summary>
internal static class TomlHeaders
{
    /// <summary>Returns the table of a header <c>[a.b]</c>, or the new item of <c>[[a.b]]</c>; null after an error.</summary>
    public static TomlTable? Open(ref TomlCursor cursor, TomlTable root, List<TomlKey> path, bool isItem, SourcePosition bracket)
    {
        TomlTable table = root;
        foreach (TomlKey key in path[..^1])
        {
            TomlValue? found = table.Find(key.Name)?.Value;
            if (found is null)
            {
                TomlTable passed = new(key.Position, TomlTableForm.PassedThrough, table.Depth + 1);
                table.Add(new TomlEntry(key.Name, key.Position, passed));
                table = passed;
                continue;
            }

            if (EnterByHeader(found) is not { } next)
            {
                _ = cursor.Fail(key.Position, TomlMessages.NotOpen(key.Name, found));
                return null;
            }

            table = next;
        }

        return isItem ? AddItem(ref cursor, table, path[^1], bracket) : Define(ref cursor, table, path[^1], bracket);
    }

    /// <summary>Returns the table that contains the last part of a key, if that part has no value yet; null after an error.</summary>
    public static TomlTable? Descend(ref TomlCursor cursor, TomlTable from, List<TomlKey> path)
    {
        TomlTable table = from;
        foreach (TomlKey key in path[..^1])
        {
            TomlValue? found = table.Find(key.Name)?.Value;
            if (found is null)
            {
                if (table.Depth >= TomlLimits.MaxDepth)
                {
                    _ = cursor.Fail(key.Position, TomlMessages.TooDeep());
                    return null;
                }

                TomlTable made = new(key.Position, TomlTableForm.DottedKey, table.Depth + 1);
                table.Add(new TomlEntry(key.Name, key.Position, made));
                table = made;
                continue;
            }

            if (found is not TomlTable { Form: TomlTableForm.PassedThrough or TomlTableForm.DottedKey } next)
            {
                _ = cursor.Fail(key.Position, TomlMessages.NotOpen(key.Name, found));
                return null;
            }

            if (next.Form == TomlTableForm.PassedThrough)
            {
                next.Define(TomlTableForm.DottedKey, key.Position);
            }

            table = next;
        }

        if (table.Find(path[^1].Name) is { } first)
        {
            _ = cursor.Fail(path[^1].Position, TomlMessages.Duplicate(path[^1].Name, first.KeyPosition));
            return null;
        }

        return table;
    }

    private static TomlTable? EnterByHeader(TomlValue value) => value switch
    {
        TomlTable { Form: not TomlTableForm.Inline } table => table,
        TomlArray { IsOfTables: true } array => (TomlTable)array.Items[^1],
        _ => null,
    };

    private static TomlTable? Define(ref TomlCursor cursor, TomlTable parent, TomlKey key, SourcePosition bracket)
    {
        switch (parent.Find(key.Name))
        {
            case null:
                TomlTable table = new(bracket, TomlTableForm.Header, parent.Depth + 1);
                parent.Add(new TomlEntry(key.Name, key.Position, table));
                return IsShallow(ref cursor, table, bracket);

            case { Value: TomlTable { Form: TomlTableForm.PassedThrough } passed }:
                passed.Define(TomlTableForm.Header, bracket);
                return passed;

            case { Value: var other }:
                _ = cursor.Fail(key.Position, TomlMessages.TableTwice(key.Name, other));
                return null;
        }
    }

    private static TomlTable? AddItem(ref TomlCursor cursor, TomlTable parent, TomlKey key, SourcePosition bracket)
    {
        // The array of tables counts as one more level of depth.
        TomlTable item = new(bracket, TomlTableForm.Header, parent.Depth + 2);
        switch (parent.Find(key.Name)?.Value)
        {
            case null:
                TomlArray array = new(bracket, isOfTables: true);
                array.Add(item);
                parent.Add(new TomlEntry(key.Name, key.Position, array));
                return IsShallow(ref cursor, item, bracket);

            case TomlArray { IsOfTables: true } known:
                known.Add(item);
                return item;

            case var other:
                _ = cursor.Fail(key.Position, TomlMessages.NotArrayOfTables(key.Name, other));
                return null;
        }
    }

    // A header path is short, so one depth check after all passed tables is enough.
    private static TomlTable? IsShallow(ref TomlCursor cursor, TomlTable table, SourcePosition position) =>
        table.Depth <= TomlLimits.MaxDepth || cursor.Fail(position, TomlMessages.TooDeep()) ? table : null;
}
