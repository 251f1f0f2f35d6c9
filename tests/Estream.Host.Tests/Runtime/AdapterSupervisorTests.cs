using Estream.Esf;
using Estream.Host.Http;
using Estream.Host.Runtime;
using Estream.Testing;
using Estream.Wire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Estream.Host.Tests.Runtime;

/// <summary>Goal: an adapter that ends unexpectedly is restarted, and the rest of the host keeps running.</summary>
public sealed class AdapterSupervisorTests : IDisposable
{
    private readonly TempDirectory _directory = new();
    private readonly FailingAdapterFactory _factory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_adapter_that_ends_unexpectedly_is_restarted(bool throws)
    {
        using IHost host = Build();
        await host.StartAsync();

        _factory.Newest.End(throws ? new InvalidOperationException("said the test") : null);

        Eventually.True(() => _factory.Made == 2 && HealthOf(host).Status == HealthStatusText.Ready, "the adapter runs again");
        Assert.Equal(1, RuntimeOf(host).Restarts);
        Assert.True(_factory.Newest.IsStarted);
        await host.StopAsync();
    }

    [Fact]
    public async Task An_adapter_that_cannot_start_is_retried_and_health_gives_the_reason()
    {
        using IHost host = Build();
        await host.StartAsync();
        _factory.StartsToFail = int.MaxValue;

        _factory.Newest.End(null);

        Eventually.True(() => HealthOf(host).Adapters.Single().Detail is string detail
            && detail.Contains("The port is taken", StringComparison.Ordinal)
            && detail.Contains("The adapter is restarted within", StringComparison.Ordinal), "health names the reason and the wait");
        Assert.Equal(HealthStatusText.Degraded, HealthOf(host).Status);
        Eventually.True(() => _factory.Made >= 4, "the start is retried");
        _factory.StartsToFail = 0;
        Eventually.True(() => HealthOf(host).Status == HealthStatusText.Ready, "an attempt succeeds");
        Assert.Equal(_factory.Made - 1, RuntimeOf(host).Restarts);
        await host.StopAsync();
    }

    [Fact]
    public async Task A_stopping_host_does_not_wait_for_a_pending_adapter_restart()
    {
        using IHost host = Build(TimeSpan.FromHours(1));
        await host.StartAsync();
        _factory.Newest.End(null);
        Eventually.True(() => HealthOf(host).Status == HealthStatusText.Degraded, "the adapter has ended");

        await host.StopAsync().WaitAsync(Eventually.DefaultLimit);

        Assert.Equal(1, _factory.Made);
    }

    private static HealthReport HealthOf(IHost host) => host.Services.GetRequiredService<HostState>().Report();

    private static AdapterRuntime RuntimeOf(IHost host) => host.Services.GetRequiredService<HostState>().Parts!.Adapters.Single();

    private IHost Build(TimeSpan? wait = null)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Services.AddEstream().UseData(_directory.Combine("data")).AddAdapterType(_factory)
            .AddWireAdapter("frail", new WireSettings("Adapters:frail", new Dictionary<string, string?> { ["Type"] = "frail" }));
        IHost host = builder.Build();
        AdapterSupervisor supervisor = host.Services.GetRequiredService<AdapterSupervisor>();
        supervisor.FirstWait = wait ?? TimeSpan.FromMilliseconds(100);
        supervisor.LongestWait = wait ?? TimeSpan.FromMilliseconds(400);
        return host;
    }

    private sealed class FailingAdapterFactory : IWireAdapterFactory
    {
        private volatile FailingAdapter? _newest;
        private int _made;
        private int _startsToFail;

        public AdapterDescriptor Descriptor { get; } =
            new("frail", "Test", Wire.ProtocolFamily.Iot, ["TCP"], false, false, "Ends when the test says so.");

        public int Made => Volatile.Read(ref _made);

        public FailingAdapter Newest => _newest!;

        public int StartsToFail
        {
            set => Volatile.Write(ref _startsToFail, value);
        }

        public void Check(string name, EsfSchemaSet schemas, IReadOnlyCollection<string> queues, WireSettings settings)
        {
        }

        public IWireAdapter Create(AdapterContext context, WireSettings settings)
        {
            _newest = new FailingAdapter(this, context.Name);
            Interlocked.Increment(ref _made);
            return _newest;
        }

        public bool TakeFailure() => Interlocked.Decrement(ref _startsToFail) >= 0;
    }

    private sealed class FailingAdapter(FailingAdapterFactory factory, string name) : IWireAdapter
    {
        private readonly TaskCompletionSource _end = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public AdapterDescriptor Descriptor => factory.Descriptor;

        public string Name => name;

        public bool IsStarted { get; private set; }

        public AdapterSchemas Schemas { get; } = new([], []);

        public HealthStatus Health => IsStarted ? HealthStatus.Healthy("It runs.") : HealthStatus.Unhealthy("It was not started.");

        public AdapterStatistics Statistics => default;

        public void End(Exception? failure)
        {
            if (failure is null)
            {
                _end.TrySetResult();
            }
            else
            {
                _end.TrySetException(failure);
            }
        }

        public Task StartAsync(CancellationToken cancellation)
        {
            if (factory.TakeFailure())
            {
                throw new WireConnectionException("The port is taken.", isTransient: true);
            }

            IsStarted = true;
            return Task.CompletedTask;
        }

        public Task Ingest(CancellationToken cancellation) => _end.Task.WaitAsync(cancellation);

        public TranslateStatus TranslateIngress(in WireMessage message, Span<byte> destination, out int length) =>
            throw new NotSupportedException();

        public TranslateStatus TranslateEgress(in EsfMessage message, EgressMessage destination) => throw new NotSupportedException();

        public ValueTask<EmitStatus> Emit(EgressMessage message, CancellationToken cancellation) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
