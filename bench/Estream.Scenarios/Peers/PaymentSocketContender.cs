using System.Net;
using System.Net.Sockets;
using Estream.Scenarios.Harness;
using Estream.Scenarios.Workloads;

namespace Estream.Scenarios.Peers;

/// <summary>The floor of `iso20022-client`: the same frames over a blocking socket. It compares the id of each report; it checks no message
/// and records nothing.</summary>
internal sealed class PaymentSocketContender : IContender
{
    private readonly ChildProcess _bank;
    private readonly Socket _socket;
    private readonly Samples _samples;
    private readonly byte[] _frame = PaymentExchange.Frame(PaymentExchange.Transfer());
    private readonly byte[] _answer = new byte[PaymentExchange.MaxBytes];
    private int _number;

    public PaymentSocketContender(ContenderContext context)
    {
        _samples = new Samples(PaymentExchange.Payments(context.Size));
        _bank = PaymentAnswerer.Start(out int port);
        _socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true, ReceiveTimeout = 60_000 };
        _socket.Connect(IPAddress.Loopback, port);
    }

    public RunResult Run()
    {
        for (int payment = 0; payment < _samples.Count; payment++)
        {
            PaymentExchange.Number(_frame, _number++);
            long before = Samples.Now();
            _socket.Send(_frame);
            ReadOnlySpan<byte> report = PaymentAnswerer.ReadFrame(_socket, _answer);
            _samples.Set(payment, before, Samples.Now());
            if (report.IsEmpty || report.IndexOf(PaymentExchange.IdOf(_frame)) < 0)
            {
                throw new ScenarioException($"payment {_number - 1} was not answered");
            }
        }

        return _samples.Round((ulong)_samples.Count);
    }

    public void Dispose()
    {
        _socket.Dispose();
        _bank.Dispose();
    }
}
