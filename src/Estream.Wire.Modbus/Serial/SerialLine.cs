using System.IO.Ports;

namespace Estream.Wire.Modbus.Serial;

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

/// <summary>A serial port of the operating system.</summary>
internal sealed class SerialLine : ISerialLine
{
    private readonly SerialPort _port;

    private SerialLine(SerialPort port) => _port = port;

    /// <exception cref="WireConnectionException">The port does not exist, is in use, or does not accept the settings.</exception>
    public static SerialLine Open(SerialLineOptions options)
    {
        Parity parity = options.Parity switch
        {
            SerialParity.Even => Parity.Even,
            SerialParity.Odd => Parity.Odd,
            _ => Parity.None,
        };
        SerialPort port = new(options.Port, options.BaudRate, parity, dataBits: 8, options.StopBits == 2 ? StopBits.Two : StopBits.One)
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
                $"The serial port '{options.Port}' cannot be opened: {failure.Message} Check its name, its permissions, and that no other "
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
