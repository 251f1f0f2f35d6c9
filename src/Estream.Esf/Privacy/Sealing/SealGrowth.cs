using Estream.Esf.Schema;

namespace Estream.Esf.Internal;

/// <summary>Computes the maximum number of private values of a message. A value outside arrays and maps occurs at most once. The number of
/// values inside arrays and maps is limited by the bytes of the message.</summary>
internal readonly struct SealGrowth
{
    private readonly int _once;
    private readonly int _densestValues;
    private readonly int _densestBytes;

    private SealGrowth(int once, int densestValues, int densestBytes)
    {
        _once = once;
        _densestValues = densestValues;
        _densestBytes = densestBytes;
    }

    public static SealGrowth Of(RecordPlan plan)
    {
        int once = 0;
        (int Values, int Bytes) densest = (0, 1);
        Count(plan, inSequence: false, ref once, ref densest);
        return new SealGrowth(once, densest.Values, densest.Bytes);
    }

    /// <summary>Returns the maximum number of values of some messages with a total length.</summary>
    public long MostValues(long bytes, int messages) =>
        ((long)_once * messages) + (((bytes * _densestValues) + _densestBytes - 1) / _densestBytes);

    private static void Count(RecordPlan plan, bool inSequence, ref int once, ref (int Values, int Bytes) densest)
    {
        int own = plan.Fields.Count(field => field.IsPrivate);
        if (!inSequence)
        {
            once += own;
        }
        else if ((long)own * densest.Bytes > (long)densest.Values * plan.FixedLength)
        {
            // A record in an array or a map takes up at least its fixed block.
            densest = (own, plan.FixedLength);
        }

        foreach (FieldPlan field in plan.Fields)
        {
            bool isInside = inSequence;
            for (ValuePlan? type = field.Type; type is not null; type = type.Element)
            {
                if (type.Record is { HasPrivate: true } record)
                {
                    Count(record, isInside, ref once, ref densest);
                }

                isInside |= type.Kind is EsfTypeKind.Array or EsfTypeKind.Map;
            }
        }
    }
}
