using System.Runtime.CompilerServices;

namespace Estream.Simulation.Scenarios;

/// <summary>A value that takes many stores and several sectors; all its words are the same.</summary>
[InlineArray(100)]
internal struct WideValue
{
    private long _first;

    public static WideValue Of(long operation)
    {
        WideValue value = default;
        ((Span<long>)value).Fill(operation);
        return value;
    }
}
