using System.Collections.Concurrent;
using System.Text;
using Estream.Wire.Iso20022.Schema;
using Estream.Wire.Iso20022.Validation;
using Estream.Wire.Iso20022.Xml;

namespace Estream.Wire.Iso20022.Mapping;

/// <summary>
/// Writes a message as JSON of its ESF schema while it is read, as defined by the map. Decimals keep the digits as written. An element
/// without a counterpart in ESF is left out, as is a second element for a field with one value.
/// </summary>
internal sealed partial class MessageMapper : IMessageSink
{
    /// <summary>The number of digits that always fit into an i64.</summary>
    public const int MaxDigits = 18;

    /// <summary>The number of fraction digits of the most precise type.</summary>
    public const int MaxFractionDigits = 17;

    private static readonly ConcurrentDictionary<string, byte[]> s_definitions = new(StringComparer.Ordinal);

    private readonly JsonOutput _main;
    private readonly JsonOutput _aside;
    private readonly IMappedSink? _sink;
    private readonly int _maxPartBytes;
    private readonly MapNode[] _open;
    private readonly bool[] _isLater;
    private readonly ObjectState[] _objects;
    private readonly byte[] _currency = new byte[8];

    // Cached for the last message, since the next message usually has the same version.
    private MessageSchema? _schema;
    private MapNode? _plan;
    private byte[] _definition = [];

    // The current output: the message, or the side buffer. The side buffer collects a field that is inside an object in XML but outside
    // that object in ESF. The field is appended when the object is closed.
    private JsonOutput _json;
    private int _asideDepth;
    private int _currencyLength;
    private int _depth;
    private int _objectDepth;
    private int _passed;

    /// <summary>Creates a mapper.</summary>
    /// <param name="limits">The limits on messages.</param>
    /// <param name="sink">Receives statements, in parts if they are long. Without a sink the result is one message.</param>
    public MessageMapper(Iso20022Limits limits, IMappedSink? sink = null)
    {
        _main = new JsonOutput(limits.MaxMappedBytes);
        _aside = new JsonOutput(limits.MaxMappedBytes);
        _json = _main;
        _sink = sink;
        _maxPartBytes = limits.MaxPartBytes;
        _open = new MapNode[limits.MaxDepth];
        _isLater = new bool[limits.MaxDepth];
        _objects = new ObjectState[limits.MaxDepth];
    }

    /// <summary>The JSON of the message, at the end of the message.</summary>
    public ReadOnlySpan<byte> Json => _main.Written;

    /// <summary>Whether the message exceeds the limit.</summary>
    public bool IsTooLong => _main.IsTooLong || _aside.IsTooLong;

    /// <summary>Whether the map has the message.</summary>
    public bool IsMapped { get; private set; }

    /// <summary>The number of elements left out: elements without a counterpart, counted once with all their content, and elements whose
    /// field already has a value.</summary>
    public long LeftOut { get; private set; }

    public void BeginMessage(MessageSchema schema)
    {
        if (!ReferenceEquals(schema, _schema))
        {
            _schema = schema;
            _plan = MapPlan.Of(schema);
            _definition = MemberOfDefinition(schema);
        }

        IsMapped = _plan is not null;
        if (_plan is null)
        {
            _passed = 1;
            return;
        }

        Push(_plan, isLater: false);
        _json.Sign('{');
        _objects[_objectDepth++] = new ObjectState { Array = -1, HasMember = true };
        _json.Raw(_definition);
    }

    public void Begin(int place)
    {
        _currencyLength = 0;
        if (_passed > 0)
        {
            _passed++;
            return;
        }

        MapNode? node = _open[_depth - 1].Level?.Children[place];
        if (node is null || !TryEnter(node, out bool isLater))
        {
            _passed = 1;
            LeftOut++;
            return;
        }

        if (node.Target is { Kind: MapKind.Object })
        {
            BeginObject(node.Level!);
        }

        Push(node, isLater);
    }

    public void Attribute(ReadOnlySpan<byte> value)
    {
        _currencyLength = Math.Min(value.Length, _currency.Length);
        value[.._currencyLength].CopyTo(_currency);
    }

    public void End(ReadOnlySpan<byte> value)
    {
        if (_passed > 0)
        {
            _passed--;
            return;
        }

        MapNode node = _open[--_depth];
        if (_depth == 0)
        {
            EndMessage();
        }
        else if (node.Target is { } target)
        {
            EndTarget(node, target, value);
        }
    }

    public void Element(int place, ReadOnlySpan<byte> attribute, ReadOnlySpan<byte> value)
    {
        if (_passed > 0)
        {
            return;
        }

        MapNode? node = _open[_depth - 1].Level?.Children[place];
        if (node is { Level: not null })
        {
            // The element is mapped to an object with a single text.
            Begin(place);
            End(value);
        }
        else if (node is null || (_isLater[_depth - 1] && !node.HasItems))
        {
            LeftOut++;
        }
        else
        {
            Attribute(attribute);
            EndValue(node.Target!, node.IsTrimmed ? value.Trim(XmlText.Blanks) : value);
        }
    }

    /// <summary>Overwrites the output, which may be private.</summary>
    public void Clear()
    {
        _main.Clear();
        _aside.Clear();
    }

    /// <summary>Prepares for another message. The output is overwritten.</summary>
    public void Reset()
    {
        Clear();
        _json = _main;
        _asideDepth = 0;
        _records = 0;
        IsSeveral = false;
        _currencyLength = 0;
        _depth = 0;
        _objectDepth = 0;
        _passed = 0;
        IsMapped = false;
        LeftOut = 0;
    }

    private static byte[] MemberOfDefinition(MessageSchema schema) =>
        s_definitions.GetOrAdd(schema.Name, static name => Encoding.UTF8.GetBytes($"\"message_definition\":\"{name}\""));

    private void Push(MapNode node, bool isLater)
    {
        _isLater[_depth] = isLater;
        _open[_depth++] = node;
    }

    // Returns whether an element is used. If its field already has a value, or in a later occurrence of an enclosing element, only array
    // items are used.
    private bool TryEnter(MapNode node, out bool isLater)
    {
        isLater = (node.Once >= 0 && !TryOnce(node.Once)) || _isLater[_depth - 1];
        if (isLater && !node.HasItems)
        {
            return false;
        }

        if (node.Target is not { } target)
        {
            return true;
        }

        isLater = false;
        return target.Kind switch
        {
            MapKind.Object => target.IsOutside ? TryPlaceAside(target) : TryBeginObject(target),
            MapKind.Record => TryBeginRecord(),
            _ => true,
        };
    }

    private void EndTarget(MapNode node, MapTarget target, ReadOnlySpan<byte> value)
    {
        if (target.Kind == MapKind.Record)
        {
            EndRecord();
        }
        else if (target.Kind != MapKind.Object)
        {
            EndValue(target, node.IsTrimmed ? value.Trim(XmlText.Blanks) : value);
        }
        else
        {
            EndText(node.Level!, value);
            EndObject();
            _json = target.IsOutside ? _main : _json;
        }
    }

    // The remaining output of a message with records is only the common prefix of the records.
    private void EndMessage()
    {
        if (HasRecords)
        {
            _objectDepth--;
        }
        else
        {
            EndObject();
        }
    }

    private void BeginObject(MapLevel level)
    {
        _json.Raw(level.Opening);
        _objects[_objectDepth++] = new ObjectState { Array = -1, HasMember = level.Constants.Count > 0 };
    }

    private void EndObject()
    {
        CloseArray(ref _objects[_objectDepth - 1]);
        _json.Sign('}');
        if (_asideDepth == _objectDepth)
        {
            _json.Raw(_aside.Written);
            _aside.Truncate(0);
            _asideDepth = 0;
        }

        _objectDepth--;
    }

    private void EndText(MapLevel level, ReadOnlySpan<byte> value)
    {
        if (level.Text is { } text)
        {
            EndValue(text, value);
        }
    }

    private void EndValue(MapTarget target, ReadOnlySpan<byte> value)
    {
        if (!TryPlace(target, out ReadOnlySpan<byte> before))
        {
            LeftOut++;
            return;
        }

        if (target.Kind == MapKind.Text)
        {
            _json.Text(before, value);
            return;
        }

        _json.Raw(before);
        switch (target.Kind)
        {
            case MapKind.Number:
                WriteNumber(value);
                break;
            case MapKind.Flag:
                _json.Raw(value.SequenceEqual("true"u8) || value.SequenceEqual("1"u8) ? "true"u8 : "false"u8);
                break;
            default:
                WriteDecimal(value, target.Kind == MapKind.Amount);
                break;
        }
    }

    private bool TryOnce(int ordinal)
    {
        ref ObjectState state = ref _objects[_objectDepth - 1];
        bool isFirst = (state.Seen & (1UL << ordinal)) == 0;
        state.Seen |= 1UL << ordinal;
        return isFirst;
    }

    // Returns the JSON before a value: a comma, the name, the bracket of an array. False if the field already has its value.
    private bool TryPlace(MapTarget target, out ReadOnlySpan<byte> before)
    {
        ref ObjectState state = ref _objects[_objectDepth - 1];
        before = default;
        if (target.IsItem && state.Array == target.Ordinal)
        {
            if (target.IsCut && _sink is not null && _json.Length - _itemsStart >= _maxPartBytes)
            {
                CutBefore(target);
            }
            else
            {
                before = ","u8;
            }

            return true;
        }

        ulong bit = 1UL << target.Ordinal;
        if ((state.Seen & bit) != 0)
        {
            return false;
        }

        CloseArray(ref state);
        state.Seen |= bit;
        if (target.IsItem)
        {
            state.Array = target.Ordinal;
        }

        if (target.IsCut)
        {
            // Items at which a message is split occur only in records, which always have a preceding member.
            BeginItems(target);
            return true;
        }

        before = target.Before.AsSpan(state.HasMember ? 0 : 1);
        state.HasMember = true;
        return true;
    }

    // Writes the JSON before an object. False if the field already has an object.
    private bool TryBeginObject(MapTarget target)
    {
        bool isFree = TryPlace(target, out ReadOnlySpan<byte> before);
        _json.Raw(before);
        return isFree;
    }

    // Starts a field of the enclosing object in the side buffer. Until this field is closed, no other field is written.
    private bool TryPlaceAside(MapTarget target)
    {
        if (!TryOnce(target.Ordinal))
        {
            return false;
        }

        _asideDepth = _objectDepth;
        _json = _aside;
        _json.Raw(target.Before);
        return true;
    }

    private void CloseArray(ref ObjectState state)
    {
        if (state.Array >= 0)
        {
            _json.Sign(']');
            state.Array = -1;
        }
    }

    // The validator reports text that is not a number. Here it becomes 0, in JSON that is then discarded.
    private void WriteNumber(ReadOnlySpan<byte> value)
    {
        DecimalText.TryRead(value, out DecimalText number);
        WriteDigits(number.IsNegative, number.Whole, default);
    }

    private void WriteDecimal(ReadOnlySpan<byte> value, bool hasCurrency)
    {
        DecimalText.TryRead(value, out DecimalText number);
        ReadOnlySpan<byte> fraction = number.FractionWithin(MaxDigits, MaxFractionDigits);
        _json.Raw("{\"value\":"u8);
        WriteDigits(number.IsNegative, number.Whole, fraction);
        _json.Raw(",\"scale\":"u8);
        _json.Number(fraction.Length);
        if (hasCurrency)
        {
            _json.Text(",\"currency\":"u8, _currency.AsSpan(0, _currencyLength));
        }

        _json.Sign('}');
    }

    private void WriteDigits(bool isNegative, ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        ReadOnlySpan<byte> rest = whole.IsEmpty ? fraction.TrimStart((byte)'0') : fraction;
        if (whole.IsEmpty && rest.IsEmpty)
        {
            _json.Sign('0');
            return;
        }

        if (isNegative)
        {
            _json.Sign('-');
        }

        _json.Raw(whole);
        _json.Raw(rest);
    }

    // An open object: the fields it has, as bits, and the ordinal of the open array.
    private struct ObjectState
    {
        public ulong Seen;
        public int Array;
        public bool HasMember;
    }
}
