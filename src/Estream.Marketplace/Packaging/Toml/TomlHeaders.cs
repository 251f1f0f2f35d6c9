using Estream.Esf.Schema;

namespace Estream.Marketplace.Toml;

/// <summary>
/// The rules of who may define and add to a table (TOML 1.0, sections Keys, Table, Inline Table, Array of Tables): a table is
/// defined once, by a header, by the dots of keys or in braces; a header may pass through what is defined, the dots of a key
/// only through what no header defines.
/// </summary>
internal static class TomlHeaders
{
    /// <summary>The table of a header <c>[a.b]</c>, or the new item of <c>[[a.b]]</c>; null after a mistake.</summary>
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

    /// <summary>The table that the last part of a key belongs to, where it has no value yet; null after a mistake.</summary>
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
        // The array is a level of its own.
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

    // Parts that a header passes through are within reach of it: one check behind them will do, since a path is short.
    private static TomlTable? IsShallow(ref TomlCursor cursor, TomlTable table, SourcePosition position) =>
        table.Depth <= TomlLimits.MaxDepth || cursor.Fail(position, TomlMessages.TooDeep()) ? table : null;
}
