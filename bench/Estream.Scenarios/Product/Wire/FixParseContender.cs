using System.Globalization;
using System.Text;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;
using Estream.Trading;
using Estream.Wire;
using Estream.Wire.Fix;

namespace Estream.Scenarios.Product;

/// <summary>The <c>estream</c> row of `fix-parse`: limit orders of 17 fields, one after the other, each with another id, instrument,
/// quantity and price.</summary>
internal sealed class FixParseContender(ContenderContext context) : Batches(OperationsOf(context.Size), BatchOperations)
{
    private const int BatchOperations = 1024;
    private const int Messages = 256;

    private readonly byte[][] _messages = [.. Enumerable.Range(0, Messages).Select(Message)];
    private readonly FixTranslator _translator = new(FixProtocol.Fix44);
    private readonly byte[] _destination = new byte[EStreamOrder.MaxLength];
    private ulong _sum;

    /// <summary>Returns the orders of a round.</summary>
    public static long OperationsOf(RunSize size) => size.Of(20_000_000, 20_000);

    public override void Dispose()
    {
    }

    protected override void BeforeRound() => _sum = 0;

    protected override void Batch(int count)
    {
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            TranslateStatus status = _translator.ToEsf(_messages[i & (Messages - 1)], _destination, out int length);
            sum += status.IsOk ? (ulong)length : throw new ScenarioException($"an order was rejected: {status.Describe(default)}");
        }

        _sum += sum + EStreamOrder.View.Of(_destination).Quantity;
    }

    protected override ulong CheckOfRound() => _sum;

    private static byte[] Message(int number)
    {
        string fields = string.Create(
            CultureInfo.InvariantCulture,
            $"35=D|34={number + 1}|49=DESK|52=20260707-12:30:00.123|56=VENUE"
            + $"|11=order-{number:00000}|21=1|55=SYM{number % 100:00}|54={1 + (number % 2)}"
            + $"|60=20260707-12:30:00.123|38={100 * (number + 1)}|40=2|44={100 + number}.{25 * (number % 4):00}|59=0|");
        byte[] body = Encoding.ASCII.GetBytes(fields.Replace('|', '\u0001'));
        byte[] whole =
            [.. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4\u00019={body.Length}\u0001")), .. body];
        int sum = whole.Sum(value => value) & 0xFF;
        return [.. whole, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"10={sum:000}\u0001"))];
    }
}
