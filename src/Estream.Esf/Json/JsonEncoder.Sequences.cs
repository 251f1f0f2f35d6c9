using System.Buffers.Binary;
using Estream.Esf.Internal;
using Estream.Esf.Schema;

namespace Estream.Esf.Json;

/// <summary>Encodes arrays and maps: a count, which is set at the end, then the items.</summary>
internal ref partial struct JsonEncoder
{
    private EsfError AppendArray(ValuePlan element)
    {
        int begin = _end;
        _json.Take((byte)'[');
        if (!TryReserve(SequenceWalker.PrefixSize))
        {
            return EsfError.DestinationTooSmall;
        }

        uint count = 0;
        if (!_json.Take((byte)']'))
        {
            do
            {
                EsfError error = AppendItem(element);
                if (error != EsfError.None)
                {
                    return error;
                }

                count++;
            }
            while (_json.Take((byte)','));
            if (!_json.Take((byte)']'))
            {
                return FailHere(EsfError.MalformedJson);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_destination[begin..], count);
        return EsfError.None;
    }

    private EsfError AppendMap(ValuePlan map)
    {
        int begin = _end;
        _json.Take((byte)'{');
        if (!TryReserve(SequenceWalker.PrefixSize))
        {
            return EsfError.DestinationTooSmall;
        }

        uint count = 0;
        if (!_json.Take((byte)'}'))
        {
            do
            {
                EsfError error = AppendEntry(map);
                if (error != EsfError.None)
                {
                    return error;
                }

                count++;
            }
            while (_json.Take((byte)','));
            if (!_json.Take((byte)'}'))
            {
                return FailHere(EsfError.MalformedJson);
            }
        }

        BinaryPrimitives.WriteUInt32LittleEndian(_destination[begin..], count);
        return DistinctKeys.Check(map, _destination[begin.._end]) ? EsfError.None : EsfError.DuplicateKey;
    }

    private EsfError AppendEntry(ValuePlan map)
    {
        _json.Peek();
        _culpritAt = _json.Position;
        if (!_json.TryReadString(out ReadOnlySpan<byte> raw, out bool hasEscapes))
        {
            return FailHere(EsfError.MalformedJson);
        }

        EsfError error = AppendKey(map.Key!, raw, hasEscapes);
        if (error != EsfError.None)
        {
            return error;
        }

        return _json.Take((byte)':') ? AppendItem(map.Element!) : FailHere(EsfError.MalformedJson);
    }

    private EsfError AppendKey(ValuePlan key, ReadOnlySpan<byte> raw, bool hasEscapes)
    {
        if (key.Size == 0)
        {
            int at = _end;
            if (!TryReserve(SequenceWalker.PrefixSize))
            {
                return EsfError.DestinationTooSmall;
            }

            EsfError error = AppendText(key, raw, hasEscapes);
            BinaryPrimitives.WriteInt32LittleEndian(_destination[at..], _end - at - SequenceWalker.PrefixSize);
            return error;
        }

        Span<byte> unescaped = stackalloc byte[EsfLimits.MaxNameLength];
        EsfError copied = JsonStrings.TryCopy(raw, hasEscapes, unescaped, out int written);
        if (copied != EsfError.None)
        {
            return copied == EsfError.DestinationTooSmall ? EsfError.InvalidKey : copied;
        }

        int slot = _end;
        return !TryReserve(key.Size) ? EsfError.DestinationTooSmall
            : ScalarText.TryParse(key, unescaped[..written], _destination.Slice(slot, key.Size)) == EsfError.None ? EsfError.None
            : EsfError.InvalidKey;
    }

    private EsfError AppendItem(ValuePlan type)
    {
        int at = _end;
        if (!TryReserve(type.Size != 0 ? type.Size : SequenceWalker.PrefixSize))
        {
            return EsfError.DestinationTooSmall;
        }

        if (type.Size != 0)
        {
            return WriteFixed(type, _destination.Slice(at, type.Size));
        }

        EsfError error = AppendVariable(type);
        BinaryPrimitives.WriteInt32LittleEndian(_destination[at..], _end - at - SequenceWalker.PrefixSize);
        return error;
    }

    private bool TryReserve(int bytes)
    {
        if (_destination.Length - _end < bytes)
        {
            return false;
        }

        _end += bytes;
        return true;
    }
}
