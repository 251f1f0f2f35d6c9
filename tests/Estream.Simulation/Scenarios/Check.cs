using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace Estream.Simulation.Scenarios;

/// <summary>Checks contracts. Throws an exception type that the product never throws, so that no scenario takes it for a refusal.</summary>
internal static class Check
{
    public static void That([DoesNotReturnIf(false)] bool holds, [InterpolatedStringHandlerArgument(nameof(holds))] ref Message message)
    {
        if (!holds)
        {
            throw new ContractBrokenException(message.ToString());
        }
    }

    public static void That([DoesNotReturnIf(false)] bool holds, string message)
    {
        if (!holds)
        {
            throw new ContractBrokenException(message);
        }
    }

    /// <summary>A message that is formatted only if the check fails.</summary>
    [InterpolatedStringHandler]
    internal ref struct Message
    {
        private DefaultInterpolatedStringHandler _text;

        public Message(int literalLength, int formattedCount, bool holds, out bool isNeeded)
        {
            isNeeded = !holds;
            _text = isNeeded ? new DefaultInterpolatedStringHandler(literalLength, formattedCount) : default;
        }

        public void AppendLiteral(string value) => _text.AppendLiteral(value);

        public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);

        public override string ToString() => _text.ToStringAndClear();
    }
}

/// <summary>Thrown when the code under test violates its contract.</summary>
internal sealed class ContractBrokenException(string message) : Exception(message);
