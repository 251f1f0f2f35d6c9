using System.IO.Ports;

namespace Estream.Wire.Serial;

/// <summary>Bytes of a serial line, read and written by one thread.</summary>
internal interface ISerialLine : IDisposable
{
    /// <summary>Reads the bytes that are there, or waits for the first.</summary>
    /// <param name="buffer">Receives the bytes.</param>
    /// <param name="offset">Where to store them.</param>
    /// <param name="timeoutMs">How long to wait; at least 1.</param>
    /// <returns>The number of bytes; 0 if the line was silent.</returns>
    /// <exception cref="IOException">The line failed.</exception>
    int Read(byte[] buffer, int offset, int timeoutMs);

    /// <summary>Sends bytes and waits until they are handed to the driver.</summary>
    /// <exception cref="IOException">The line failed.</exception>
    void Write(byte[] buffer, int length);

    /// <summary>Drops the bytes that were received and not read.</summary>
    void DiscardInput();
}

/// <summary>A serial port of the operating system. Compiled into each adapter with serial lines, so that the others need no serial port
/// library.</summary>
internal sealed class SerialLine : ISerialLine
{
    private readonly SerialPort _port;

    private SerialLine(SerialPort port) => _port = port;

    /// <param name="name">The device, such as <c>/dev/ttyUSB0</c> or <c>COM3</c>.</param>
    /// <param name="baudRate">Bits per second.</param>
    /// <param name="parity">The parity.</param>
    /// <param name="stopBits">1 or 2.</param>
    /// <exception cref="WireConnectionException">The port does not exist, is in use, or does not accept the settings.</exception>
    public static SerialLine Open(string name, int baudRate, SerialParity parity, int stopBits)
    {
        Parity bit = parity switch
        {
            SerialParity.Even => Parity.Even,
            SerialParity.Odd => Parity.Odd,
            _ => Parity.None,
        };
        SerialPort port = new(name, baudRate, bit, dataBits: 8, stopBits == 2 ? StopBits.Two : StopBits.One)
        {
            WriteTimeout = 1_000,
        };
        try
        {
            port.Open();
            return new SerialLine(port);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            port.Dispose();
            throw new WireConnectionException(
                $"The serial port '{name}' cannot be opened: {failure.Message} Check its name, its permissions, and that no other "
                + "program uses it.", isTransient: true, failure);
        }
    }

    public int Read(byte[] buffer, int offset, int timeoutMs)
    {
        try
        {
            _port.ReadTimeout = timeoutMs;
            return _port.Read(buffer, offset, buffer.Length - offset);
        }
        catch (TimeoutException)
        {
            return 0;
        }
        catch (Exception failure) when (failure is InvalidOperationException or OperationCanceledException or UnauthorizedAccessException)
        {
            throw new IOException($"The serial port '{_port.PortName}' failed: {failure.Message}", failure);
        }
    }

    public void Write(byte[] buffer, int length)
    {
        try
        {
            _port.Write(buffer, 0, length);
        }
        catch (Exception failure) when (failure is InvalidOperationException or TimeoutException or UnauthorizedAccessException)
        {
            throw new IOException($"The serial port '{_port.PortName}' failed: {failure.Message}", failure);
        }
    }

    public void DiscardInput()
    {
        try
        {
            _port.DiscardInBuffer();
        }
        catch (InvalidOperationException failure)
        {
            throw new IOException($"The serial port '{_port.PortName}' failed: {failure.Message}", failure);
        }
    }

    public void Dispose() => _port.Dispose();
}
