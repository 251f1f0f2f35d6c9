using System.Globalization;
using System.Text;
using System.Text.Json;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes an ESF message, given as JSON, as XML of one version: elements in the order of the schema, each at the position defined by the
/// map. Every field must be written: a field without an element in this version, or whose element cannot hold the value, is an error and is
/// not dropped.
/// </summary>
/// <param name="output">Receives the message.</param>
/// <param name="parts">Provides the following parts, if the message is a part.</param>
internal sealed class MessagePrinter(XmlOutput output, MessageEgress parts)
{
    private string? _refused;

    /// <summary>Writes a message.</summary>
    /// <param name="schema">The schema of the version.</param>
    /// <param name="plan">The mapping of its root element.</param>
    /// <param name="message">The message.</param>
    /// <returns>Why it cannot be written, with the name of a field; null on success.</returns>
    public string? Print(MessageSchema schema, MapNode plan, JsonElement message)
    {
        JsonScope scope = new(message);
        scope.Take("message_definition");
        scope.Take("part");
        output.Declare();
        output.Begin(schema.Root.Name);
        output.TryAttribute("xmlns"u8, schema.NamespaceUri);
        PrintLevel(plan.Level!, scope);
        output.End(schema.Root.Name);
        RequireAll(scope);
        return _refused;
    }

    private void PrintLevel(MapLevel level, JsonScope scope)
    {
        for (int index = 0; index < level.Children.Length; index++)
        {
            ElementDeclaration element = level.Type.Elements[index];
            if (level.Children[index] is not { } node)
            {
                continue;
            }

            if (node.Target is { Kind: MapKind.Record })
            {
                // An ESF message contains one record; its fields are in the same object.
                output.Begin(element.Name);
                PrintLevel(node.Level!, scope);
                output.End(element.Name);
            }
            else if (node.Target is { } target)
            {
                PrintAll(element, node, target.IsOutside ? scope.Outer! : scope);
                if (target.IsCut)
                {
                    PrintParts(element, node, scope);
                }
            }
            else if ((element.Min > 0 && level.Type.Kind == ContentKind.Sequence) || HasContent(node.Level!, scope))
            {
                output.Begin(element.Name);
                PrintLevel(node.Level!, scope);
                output.End(element.Name);
            }
        }
    }

    private void PrintAll(ElementDeclaration element, MapNode node, JsonScope scope)
    {
        // Repeats up to the maximum occurrence of the element, as long as there are values.
        for (int count = 0;
            count < element.Max && scope.TryFind(node.Target!, one => Fits(node, element.Type, one), isTaken: true, out JsonElement value);
                count++)
        {
            output.Begin(element.Name);
            PrintOne(node, value, scope);
            output.End(element.Name);
        }
    }

    // Prints the items of the following parts. The other members of these parts equal the members of the first part, except for members at
    // the end of the last part.
    private void PrintParts(ElementDeclaration element, MapNode node, JsonScope scope)
    {
        JsonElement last = default;
        while (parts.TryNext(out JsonElement part))
        {
            PrintAll(element, node, new JsonScope(part));
            last = part;
        }

        // A rejection makes the part invalid and discards the rest of the output.
        if (last.ValueKind == JsonValueKind.Object && !parts.IsRefused)
        {
            scope.Join(last, Name(node.Target!));
        }
    }

    private void PrintOne(MapNode node, JsonElement value, JsonScope scope)
    {
        if (IsWithheld(value))
        {
            _refused ??= $"{Name(node.Target!)} is withheld";
            return;
        }

        if (node.Target!.Kind == MapKind.Amount)
        {
            output.TryAttribute("Ccy"u8, Encoding.UTF8.GetBytes(value.GetProperty("currency"u8).GetString() ?? ""));
        }

        if (node.Target.Kind != MapKind.Object)
        {
            PrintText(node.Target, value);
            return;
        }

        JsonScope content = new(value, scope);
        foreach (byte[] constant in node.Level!.Constants)
        {
            content.Take(Encoding.UTF8.GetString(NameOf(constant)));
        }

        if (node.Level.Text is { } text && content.TryFind(text, _ => true, isTaken: true, out JsonElement own))
        {
            PrintText(text, own);
        }

        PrintLevel(node.Level, content);
        RequireAll(content);
    }

    private void PrintText(MapTarget target, JsonElement value)
    {
        if (IsWithheld(value))
        {
            _refused ??= $"{Name(target)} is withheld";
        }
        else if (!output.TryText(Encoding.UTF8.GetBytes(TextOf(target.Kind, value))))
        {
            _refused ??= $"{Name(target)} has characters that XML does not allow";
        }
    }

    private void RequireAll(JsonScope scope)
    {
        if (scope.FirstLeft() is { } left)
        {
            _refused ??= $"{left} has no element in this version, or does not fit there";
        }
    }

    private static bool HasContent(MapLevel level, JsonScope scope)
    {
        for (int index = 0; index < level.Children.Length; index++)
        {
            ContentType type = level.Type.Elements[index].Type;
            if (level.Children[index] is not { } node)
            {
                continue;
            }

            JsonScope holder = node.Target?.IsOutside == true ? scope.Outer! : scope;
            if (node.Target is { } target
                ? holder.TryFind(target, one => Fits(node, type, one), isTaken: false, out _) : HasContent(node.Level!, scope))
            {
                return true;
            }
        }

        return false;
    }

    // Among several elements for one field, selects the element that can hold the value: a date or a date with a time, the identifier of a
    // person or of an organisation.
    private static bool Fits(MapNode node, ContentType type, JsonElement value)
    {
        if (IsWithheld(value))
        {
            return true;
        }

        if (node.Target!.Kind != MapKind.Object)
        {
            return type.Text!.Check(Encoding.UTF8.GetBytes(TextOf(node.Target.Kind, value))) == Iso20022Reason.None;
        }

        foreach (byte[] constant in node.Level!.Constants)
        {
            ReadOnlySpan<byte> name = NameOf(constant);
            if (!value.TryGetProperty(name, out JsonElement own)
                || own.GetRawText() != Encoding.UTF8.GetString(constant.AsSpan(name.Length + 3)))
            {
                return false;
            }
        }

        return true;
    }

    private static string TextOf(MapKind kind, JsonElement value)
    {
        if (kind is not (MapKind.Decimal or MapKind.Amount))
        {
            return value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        }

        long number = value.GetProperty("value"u8).GetInt64();
        int scale = value.GetProperty("scale"u8).GetInt32();
        string digits = number.ToString(CultureInfo.InvariantCulture).TrimStart('-').PadLeft(scale + 1, '0');
        string fraction = scale > 0 ? $".{digits[^scale..]}" : "";
        return $"{(number < 0 ? "-" : "")}{digits[..^scale]}{fraction}";
    }

    // A constant is "name":json.
    private static ReadOnlySpan<byte> NameOf(byte[] constant) => constant.AsSpan(1, constant.AsSpan(1).IndexOf((byte)'"'));

    private static string Name(MapTarget target) => Encoding.UTF8.GetString(target.Member);

    private static bool IsWithheld(JsonElement value) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty("$withheld"u8, out _);
}
