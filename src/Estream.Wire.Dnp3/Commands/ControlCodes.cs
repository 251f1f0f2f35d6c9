using Estream.Dnp3;

namespace Estream.Wire.Dnp3.Commands;

/// <summary>The control codes of relay output blocks (IEEE 1815, A.8.1): the operation in bits 0 to 3, close (0x40) or trip
/// (0x80).</summary>
internal static class ControlCodes
{
    private const byte PulseOn = 0x01;
    private const byte PulseOff = 0x02;
    private const byte LatchOn = 0x03;
    private const byte LatchOff = 0x04;
    private const byte Close = 0x41;
    private const byte Trip = 0x81;

    public static byte Of(Dnp3Operation operation) => operation switch
    {
        Dnp3Operation.LatchOn => LatchOn,
        Dnp3Operation.LatchOff => LatchOff,
        Dnp3Operation.PulseOn => PulseOn,
        Dnp3Operation.PulseOff => PulseOff,
        Dnp3Operation.Close => Close,
        _ => Trip,
    };

    public static bool TryRead(byte code, out Dnp3Operation operation)
    {
        operation = code switch
        {
            PulseOn => Dnp3Operation.PulseOn,
            PulseOff => Dnp3Operation.PulseOff,
            LatchOff => Dnp3Operation.LatchOff,
            Close => Dnp3Operation.Close,
            Trip => Dnp3Operation.Trip,
            _ => Dnp3Operation.LatchOn,
        };
        return code is PulseOn or PulseOff or LatchOn or LatchOff or Close or Trip;
    }
}
