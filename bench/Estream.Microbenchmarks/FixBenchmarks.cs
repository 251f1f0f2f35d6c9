using System.Globalization;
using System.Text;
using BenchmarkDotNet.Attributes;
using Estream.Trading;
using Estream.Wire;
using Estream.Wire.Fix;
using Estream.Wire.Fix.Codec;
using Estream.Wire.Fix.Translation;

namespace Estream.Microbenchmarks;

/// <summary>Parses limit orders of FIX 4.4 with 17 fields: finds the frame, splits the fields, or translates the whole order to
/// ESF. Translates them back to FIX, which includes a check by the dictionary, or only checks them.</summary>
[MemoryDiagnoser]
public class FixBenchmarks
{
    private const int Messages = 256;
    private const int MaxFields = 256;
    private const char Soh = '\u0001';

    private readonly byte[][] _messages = [.. Enumerable.Range(0, Messages).Select(NewOrderSingle)];
    private readonly byte[] _destination = new byte[EStreamOrder.MaxLength];
    private FixFieldIndex _fields = null!;
    private FixTranslator _translator = null!;
    private SendCheck _check = null!;
    private readonly FixMessageBuilder _order = new("D");
    private readonly byte[][] _orders = new byte[Messages][];
    private int _next;

    [GlobalSetup]
    public void Setup()
    {
        _fields = new FixFieldIndex(FixProtocol.Fix44.DataTags, MaxFields);
        _translator = new FixTranslator(FixProtocol.Fix44, new FixTranslatorOptions { SenderCompId = "DESK" });
        _check = new SendCheck(FixProtocol.Fix44);
        for (int order = 0; order < Messages; order++)
        {
            _orders[order] = _destination[..Translate()];
        }

        TranslateBack();
    }

    /// <summary>Finds the end of a message in a receive buffer and checks its length and checksum.</summary>
    [Benchmark]
    public int SplitFrame()
    {
        byte[] message = Next();
        return FixFrame.TryRead(message, message.Length, out int length, out _) == FixFrameStatus.Complete
            ? length
            : throw new InvalidOperationException("A message of the benchmark is not a valid FIX frame.");
    }

    /// <summary>Finds tag, start and length of every field of a message.</summary>
    [Benchmark]
    public int SplitFields()
    {
        _fields.Parse(Next());
        return _fields.Count;
    }

    /// <summary>Translates a message to an EStreamOrder, which includes splitting its fields.</summary>
    [Benchmark]
    public int Translate() =>
        _translator.ToEsf(Next(), _destination, out int length).IsOk
            ? length
            : throw new InvalidOperationException("A message of the benchmark was rejected.");

    /// <summary>Translates an EStreamOrder to a message, which includes the check by the dictionary.</summary>
    [Benchmark]
    public int TranslateBack() =>
        _translator.ToFix(new EsfMessage(EStreamOrder.Schema, _orders[_next++ & (Messages - 1)]), _order).IsOk
            ? _order.BodyLength
            : throw new InvalidOperationException("An order of the benchmark was rejected.");

    /// <summary>Checks a message to send by the dictionary.</summary>
    [Benchmark]
    public int CheckToSend() =>
        _check.Check(_order).IsOk ? 1 : throw new InvalidOperationException("The message of the benchmark was rejected.");

    private byte[] Next() => _messages[_next++ & (Messages - 1)];

    private static byte[] NewOrderSingle(int number)
    {
        string body = string.Create(
            CultureInfo.InvariantCulture,
            $"35=D|34={number + 1}|49=DESK|52=20260707-12:30:00.123|56=VENUE|11=order-{number:00000}|21=1|55=SYM{number % 100:00}|"
            + $"54={1 + (number % 2)}|60=20260707-12:30:00.123|38={100 * (number + 1)}|40=2|"
            + $"44={100 + number}.{25 * (number % 4):00}|59=0|");
        byte[] start = Encoding.ASCII.GetBytes(
            string.Create(CultureInfo.InvariantCulture, $"8=FIX.4.4|9={body.Length}|{body}").Replace('|', Soh));
        int checksum = start.Sum(value => value) & 0xFF;
        return [.. start, .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"10={checksum:000}{Soh}"))];
    }
}
