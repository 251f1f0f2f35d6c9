using System.Diagnostics.CodeAnalysis;
using System.Text;
using Estream.Esf;
using Estream.Esf.Internal;
using Estream.Esf.Schema;
using MessageSchema = Estream.Wire.Iso20022.Schema.MessageSchema;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>Binds the mapping of a message to the ESF schema it targets.</summary>
internal sealed class RecordBinder
{
    private readonly RecordPlan _record;

    // The fields that elements are mapped to, with their bits.
    private readonly Dictionary<FieldPlan, ulong> _bits = [];

    private RecordBinder(RecordPlan record)
    {
        _record = record;
    }

    /// <summary>Creates the binding of a message.</summary>
    /// <param name="message">The XML schema of the message.</param>
    /// <param name="plan">The mapping of its root element.</param>
    /// <param name="schema">The ESF schema.</param>
    /// <returns>Null if the message is not a single record in element order, because it contains records or has fields outside their
    /// object. Also null if the fields of the ESF schema differ from the map.</returns>
    public static RecordMessage? Of(MessageSchema message, MapNode plan, EsfSchema schema)
    {
        FieldPlan? definition = schema.Plan.Find("message_definition"u8, 0);
        if (definition is not { Type.Kind: EsfTypeKind.String })
        {
            return null;
        }

        RecordLevel? level = new RecordBinder(schema.Plan).LevelOf(plan.Level!, [definition]);
        return level is null ? null : new RecordMessage(schema, level, definition, Encoding.UTF8.GetBytes(message.Name));
    }

    // Binds an element that is a record. Every required field must have an element or a constant.
    private RecordLevel? LevelOf(MapLevel level, List<FieldPlan> constants)
    {
        RecordNode?[]? children = ChildrenOf(level);
        RecordNode? text = level.Text is null ? null : ValueOf(new MapNode(level.Text, null));
        bool isWhole = Array.TrueForAll(_record.Fields, field => field.IsOptional || _bits.ContainsKey(field) || constants.Contains(field));
        if (children is null || !isWhole || (level.Text is not null && text is null))
        {
            return null;
        }

        ulong required = _record.Fields.Where(field => !field.IsOptional)
            .Aggregate(0UL, (bits, field) => bits | _bits.GetValueOrDefault(field));
        return new RecordLevel { Children = children, Text = text, Record = _record, Required = required };
    }

    private RecordNode?[]? ChildrenOf(MapLevel level)
    {
        RecordNode?[] children = new RecordNode?[level.Children.Length];
        for (int index = 0; index < children.Length; index++)
        {
            if (level.Children[index] is not { } node)
            {
                continue;
            }

            children[index] = node.Target is null ? Around(node) : node.Target.Kind == MapKind.Object ? ObjectOf(node) : ValueOf(node);
            if (children[index] is null)
            {
                return null;
            }
        }

        return children;
    }

    // Binds an element that has no field itself: its content goes to the same record.
    private RecordNode? Around(MapNode node)
    {
        RecordNode?[]? children = ChildrenOf(node.Level!);
        return children is null ? null : new RecordNode(node, RecordKind.None, null, new RecordLevel { Children = children });
    }

    private RecordNode? ObjectOf(MapNode node)
    {
        if (!TryFind(node.Target!, out FieldPlan? field, out ValuePlan? type) || type.Record is not { } record)
        {
            return null;
        }

        List<FieldPlan> constants = [];
        List<bool> values = [];
        foreach (byte[] constant in node.Level!.Constants)
        {
            // A constant is "name":json.
            FieldPlan? one = Array.Find(record.Fields, each => constant.AsSpan().StartsWith(each.JsonMember));
            if (one is not { Type.Kind: EsfTypeKind.Bool, IsReference: false })
            {
                return null;
            }

            constants.Add(one);
            values.Add(constant.AsSpan(one.JsonMember.Length).SequenceEqual("true"u8));
        }

        RecordLevel? level = new RecordBinder(record).LevelOf(node.Level, constants);
        return level is null ? null : new RecordNode(node, RecordKind.Object, field, level) { Constants = [.. constants.Zip(values)] };
    }

    private RecordNode? ValueOf(MapNode node)
    {
        MapTarget target = node.Target!;
        if (!TryFind(target, out FieldPlan? field, out ValuePlan? type))
        {
            return null;
        }

        bool isInPlace = !target.IsItem && !field.IsReference;
        RecordAmount? amount = target.Kind is MapKind.Decimal or MapKind.Amount && !target.IsItem && type.Record is { } record
            ? AmountOf(record, target.Kind == MapKind.Amount)
            : null;
        RecordKind kind = target.Kind switch
        {
            MapKind.Text when type.Kind == EsfTypeKind.String => RecordKind.Text,
            MapKind.Text when type.Kind == EsfTypeKind.Enum && isInPlace => RecordKind.Name,
            MapKind.Number when type.Kind is EsfTypeKind.U32 or EsfTypeKind.U64 && isInPlace => RecordKind.Number,
            MapKind.Flag when type.Kind == EsfTypeKind.Bool && isInPlace => RecordKind.Flag,
            _ when amount is not null => RecordKind.Amount,
            _ => RecordKind.None,
        };
        return kind == RecordKind.None ? null : new RecordNode(node, kind, field, null) { Amount = amount };
    }

    private static RecordAmount? AmountOf(RecordPlan record, bool hasCurrency)
    {
        bool isKnown = record.Fields.Length == (hasCurrency ? 3 : 2)
            && record.Find("value"u8, 0) is { Type.Kind: EsfTypeKind.I64, IsReference: false }
            && record.Find("scale"u8, 0) is { Type.Kind: EsfTypeKind.U8, IsReference: false }
            && (!hasCurrency || record.Find("currency"u8, 0) is { Type.Kind: EsfTypeKind.String });
        return isKnown
            ? new RecordAmount(record, record.Find("value"u8, 0)!, record.Find("scale"u8, 0)!,
                hasCurrency ? record.Find("currency"u8, 0) : null)
            : null;
    }

    // Finds the field in the record, and the type of the value, or of an item for arrays.
    private bool TryFind(MapTarget target, [NotNullWhen(true)] out FieldPlan? field, [NotNullWhen(true)] out ValuePlan? type)
    {
        field = target.IsOutside || target.IsCut || target.Kind == MapKind.Record ? null : _record.Find(target.Member, 0);
        type = !target.IsItem ? field?.Type : field?.Type.Kind == EsfTypeKind.Array ? field.Type.Element : null;
        if (field is null || type is null)
        {
            return false;
        }

        _bits[field] = 1UL << target.Ordinal;
        return true;
    }
}
