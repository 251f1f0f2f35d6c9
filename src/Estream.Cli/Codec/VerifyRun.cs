using System.Globalization;
using Estream.Cli.Output;
using Estream.Esf;

namespace Estream.Cli.Codec;

/// <summary>Reads ESF messages from standard input, verifies their signatures, and writes a line for each message.</summary>
/// <param name="context">Provides input, output and cancellation.</param>
/// <param name="known">The known schemas.</param>
/// <param name="framing">The framing of the messages in the input.</param>
/// <param name="keys">The trusted keys.</param>
/// <param name="time">The time at which the keys must be trusted, in nanoseconds since 1970-01-01 UTC.</param>
internal sealed class VerifyRun(CliContext context, EsfSchemaSet known, Framing framing, EsfTrustedKeys keys, long time)
{
    private long _bad;

    /// <summary>The number of messages checked.</summary>
    public long Written { get; private set; }

    /// <summary>Verifies all messages of the input.</summary>
    /// <exception cref="CliException">A message does not have a valid signature, or the input is damaged or of an unknown
    /// schema.</exception>
    public async Task RunAsync()
    {
        using LineWriter lines = new(context.Output);
        Messages messages = new(new InputBuffer(context.Input, lines.Flush, context.Cancellation), framing);
        while (await messages.MoveNextAsync().ConfigureAwait(false))
        {
            EsfSchema schema = messages.SchemaIn(known);
            if (!EsfSignature.CanSign(schema))
            {
                throw messages.Refuse($"{schema} does not have exactly one public field of type pq_signature");
            }

            EsfSignatureCheck check = keys.Check(schema, messages.Current, time);
            lines.WriteLine(string.Create(
                CultureInfo.InvariantCulture, $"message {messages.Number}: {(check.IsValid ? "good" : "BAD")}: {check}"));
            _bad += check.IsValid ? 0 : 1;
            Written++;
        }

        if (_bad > 0)
        {
            throw new CliException(string.Create(
                CultureInfo.InvariantCulture, $"{_bad} of {Written} messages do not have a valid signature."), ExitCode.No);
        }
    }
}
