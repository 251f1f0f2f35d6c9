using System.Net;
using System.Net.Sockets;

namespace Estream.Wire.Modbus.Tests.Rig;

/// <summary>A device that answers every read with the same registers, on a thread that allocates nothing, so that a test can count what
/// the poller allocates.</summary>
internal sealed class SteadyDevice : IDisposable
{
    private const int RequestBytes = 12;
    private const int HeaderBytes = 9;

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Thread _thread;
    private readonly byte[] _request = new byte[RequestBytes];
    private readonly byte[] _response;
    private Socket? _connection;
    private int _answered;

    /// <param name="registers">The number of registers of each read.</param>
    public SteadyDevice(int registers)
    {
        int data = 2 * registers;
        _response = new byte[HeaderBytes + data];
        _response[5] = (byte)(3 + data);
        _response[8] = (byte)data;
        _response.AsSpan(HeaderBytes).Fill(1);
        _listener.Start();
        _thread = new Thread(Serve) { IsBackground = true };
        _thread.Start();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>The number of requests that were answered.</summary>
    public int Answered => Volatile.Read(ref _answered);

    public void Dispose()
    {
        _listener.Stop();
        _connection?.Dispose();
        _thread.Join();
    }

    private void Serve()
    {
        try
        {
            _connection = _listener.AcceptSocket();
            _connection.NoDelay = true;
            while (Receive(_connection))
            {
                _request.AsSpan(0, 2).CopyTo(_response);   // transaction
                _request.AsSpan(6, 2).CopyTo(_response.AsSpan(6));   // unit and function
                _connection.Send(_response);
                Volatile.Write(ref _answered, _answered + 1);
            }
        }
        catch (Exception end) when (end is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }

    private bool Receive(Socket connection)
    {
        for (int length = 0; length < RequestBytes;)
        {
            int count = connection.Receive(_request, length, RequestBytes - length, SocketFlags.None);
            if (count == 0)
            {
                return false;
            }

            length += count;
        }

        return true;
    }
}
