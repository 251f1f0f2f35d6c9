using Estream.Core;
using Estream.Wire.Modbus.Client;

namespace Estream.Wire.Modbus;

/// <summary>
/// A Modbus client over TCP, TLS or a serial line. A late response is never taken for the response to the next request. Thread-safe: calls
/// wait while as many requests are under way as <see cref="ModbusClientOptions.InFlight"/> allows. Does not reconnect: after
/// <see cref="ModbusStatus.NotConnected"/> dispose the client and connect again.
/// </summary>
public sealed class ModbusClient : IAsyncDisposable
{
    private const int MaxInFlight = 64;

    private readonly ModbusLink _link;
    private readonly SemaphoreSlim _free;
    private readonly Stack<PooledExchange> _pool;
    private readonly Lock _gate = new();

    private ModbusClient(ModbusLink link, int inFlight, int timeoutMs)
    {
        _link = link;
        _free = new SemaphoreSlim(inFlight);
        _pool = new Stack<PooledExchange>(
            Enumerable.Range(0, inFlight).Select(_ => new PooledExchange(SystemClock.Instance) { TimeoutMs = timeoutMs }));
        link.Open();
    }

    /// <summary>The number of responses that arrived after their time-out and were dropped.</summary>
    public long LateResponses => _link.Counters.Late;

    /// <summary>The number of responses and frames that match no request.</summary>
    public long InvalidResponses => _link.Counters.Invalid;

    /// <summary>Connects.</summary>
    /// <param name="options">The device and the limits.</param>
    /// <param name="cancellation">Cancels the attempt.</param>
    /// <exception cref="WireConnectionException">The device cannot be reached.</exception>
    /// <exception cref="WireConfigurationException">A file of the TLS options is missing or invalid.</exception>
    public static async Task<ModbusClient> ConnectAsync(ModbusClientOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.InFlight, 1, nameof(options));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.InFlight, MaxInFlight, nameof(options));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.TimeoutMs, nameof(options));
        ModbusLink link = await LinkFactory.ConnectAsync(options, SystemClock.Instance, cancellation).ConfigureAwait(false);
        return new ModbusClient(link, options.Serial is null ? options.InFlight : 1, options.TimeoutMs);
    }

    /// <summary>Reads holding or input registers.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="function"><see cref="ModbusFunctionCode.ReadHoldingRegisters"/> or
    /// <see cref="ModbusFunctionCode.ReadInputRegisters"/>.</param>
    /// <param name="address">The first register, from 0.</param>
    /// <param name="registers">Receives the registers; 1 to 125.</param>
    /// <param name="cancellation">Ends the wait for a free slot, not the wait for the response.</param>
    public async ValueTask<ModbusResult> ReadRegistersAsync(
        byte unit, ModbusFunctionCode function, ushort address, Memory<ushort> registers, CancellationToken cancellation = default)
    {
        PooledExchange exchange = await RentAsync(unit, cancellation).ConfigureAwait(false);
        byte[] response = System.Buffers.ArrayPool<byte>.Shared.Rent(ModbusLimits.MaxPduBytes);
        try
        {
            exchange.RequestLength = ModbusRequest.Read(function, address, registers.Length, exchange.RequestBuffer);
            exchange.Destination = response;
            ModbusResult result = await exchange.StartAsync(_link).ConfigureAwait(false);
            if (result.IsOk)
            {
                ModbusBits.Read(response.AsSpan(2, 2 * registers.Length), registers.Span);
            }

            return result;
        }
        finally
        {
            Return(exchange);
            System.Buffers.ArrayPool<byte>.Shared.Return(response);
        }
    }

    /// <summary>Reads coils or discrete inputs.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="function"><see cref="ModbusFunctionCode.ReadCoils"/> or <see cref="ModbusFunctionCode.ReadDiscreteInputs"/>.</param>
    /// <param name="address">The first bit, from 0.</param>
    /// <param name="bits">Receives the bits; 1 to 2,000.</param>
    /// <param name="cancellation">Ends the wait for a free slot, not the wait for the response.</param>
    public async ValueTask<ModbusResult> ReadBitsAsync(
        byte unit, ModbusFunctionCode function, ushort address, Memory<bool> bits, CancellationToken cancellation = default)
    {
        byte[] request = new byte[ModbusLimits.MaxPduBytes];
        byte[] response = new byte[ModbusLimits.MaxPduBytes];
        int length = ModbusRequest.Read(function, address, bits.Length, request);
        ModbusResult result = await SendAsync(unit, request.AsMemory(0, length), response, cancellation).ConfigureAwait(false);
        if (result.IsOk)
        {
            ModbusBits.Unpack(response.AsSpan(2), bits.Span);
        }

        return result;
    }

    /// <summary>Writes holding registers; one with function 06, several with function 16.</summary>
    /// <param name="unit">The unit; 0 for all units of a serial line, which do not answer.</param>
    /// <param name="address">The first register, from 0.</param>
    /// <param name="registers">The registers; 1 to 123.</param>
    /// <param name="cancellation">Ends the wait for a free slot, not the wait for the response.</param>
    public ValueTask<ModbusResult> WriteRegistersAsync(
        byte unit, ushort address, ReadOnlyMemory<ushort> registers, CancellationToken cancellation = default)
    {
        byte[] pdu = new byte[ModbusLimits.MaxPduBytes];
        int length = registers.Length == 1
            ? ModbusRequest.WriteRegister(address, registers.Span[0], pdu)
            : ModbusRequest.WriteRegisters(address, registers.Span, pdu);
        return SendAsync(unit, pdu.AsMemory(0, length), new byte[ModbusLimits.MaxPduBytes], cancellation);
    }

    /// <summary>Writes coils; one with function 05, several with function 15.</summary>
    /// <param name="unit">The unit; 0 for all units of a serial line, which do not answer.</param>
    /// <param name="address">The first coil, from 0.</param>
    /// <param name="coils">The coils; 1 to 1,968.</param>
    /// <param name="cancellation">Ends the wait for a free slot, not the wait for the response.</param>
    public ValueTask<ModbusResult> WriteCoilsAsync(
        byte unit, ushort address, ReadOnlyMemory<bool> coils, CancellationToken cancellation = default)
    {
        byte[] pdu = new byte[ModbusLimits.MaxPduBytes];
        int length = coils.Length == 1
            ? ModbusRequest.WriteCoil(address, coils.Span[0], pdu)
            : ModbusRequest.WriteCoils(address, coils.Span, pdu);
        return SendAsync(unit, pdu.AsMemory(0, length), new byte[ModbusLimits.MaxPduBytes], cancellation);
    }

    /// <summary>Sends any request, for functions without a method here. Write it with <see cref="ModbusRequest"/>.</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="request">The PDU; copied before this method returns or waits.</param>
    /// <param name="response">Receives the PDU of the response; read it with <see cref="ModbusResponseView"/>.</param>
    /// <param name="cancellation">Ends the wait for a free slot, not the wait for the response.</param>
    /// <exception cref="ArgumentOutOfRangeException">The request is empty or longer than 253 bytes.</exception>
    public async ValueTask<ModbusResult> SendAsync(
        byte unit, ReadOnlyMemory<byte> request, Memory<byte> response, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfZero(request.Length, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Length, ModbusLimits.MaxPduBytes, nameof(request));
        PooledExchange exchange = await RentAsync(unit, cancellation).ConfigureAwait(false);
        try
        {
            request.Span.CopyTo(exchange.RequestBuffer);
            exchange.RequestLength = request.Length;
            exchange.Destination = response;
            return await exchange.StartAsync(_link).ConfigureAwait(false);
        }
        finally
        {
            Return(exchange);
        }
    }

    /// <summary>Closes the connection. Requests under way end with <see cref="ModbusStatus.NotConnected"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        await _link.DisposeAsync().ConfigureAwait(false);
        lock (_gate)
        {
            while (_pool.TryPop(out PooledExchange? exchange))
            {
                exchange.Dispose();
            }
        }
    }

    private async ValueTask<PooledExchange> RentAsync(byte unit, CancellationToken cancellation)
    {
        await _free.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_gate)
        {
            if (_pool.TryPop(out PooledExchange? exchange))
            {
                exchange.Unit = unit;
                return exchange;
            }
        }

        _free.Release();
        throw new ObjectDisposedException(nameof(ModbusClient));
    }

    private void Return(PooledExchange exchange)
    {
        exchange.Destination = default;
        lock (_gate)
        {
            _pool.Push(exchange);
        }

        _free.Release();
    }
}
