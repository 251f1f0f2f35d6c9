using System.Runtime.CompilerServices;

namespace Estream.Scenarios.Workloads;

/// <summary>
/// The keys of `map-cas`, the same as bench/peers/maps/key_sequence.h: every entry once before any is repeated, so that the
/// value under the next key is known without a lookup. Entry i has value i at first, and one more in every turn.
/// </summary>
internal struct TurnSequence(ulong entries)
{
    private readonly ulong _entries = entries;
    private readonly ulong _step = StepFor(entries);
    private ulong _index;
    private ulong _turn;
    private ulong _left = entries;

    /// <summary>The value under the key that <see cref="Next"/> returned.</summary>
    public readonly ulong Value
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _index + _turn;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Next()
    {
        ulong index = _index + _step;
        _index = index >= _entries ? index - _entries : index;
        if (_left-- == 0)
        {
            _left = _entries - 1;
            _turn++;
        }

        return KeySequence.KeyOf(_index);
    }

    /// <summary>Returns a step near the golden section and without a common divisor, so that every entry is visited.</summary>
    private static ulong StepFor(ulong entries)
    {
        ulong step = (entries * 618 / 1000) + 1;
        while (Divisor(step, entries) != 1)
        {
            step++;
        }

        return step;
    }

    private static ulong Divisor(ulong a, ulong b) => b == 0 ? a : Divisor(b, a % b);
}
