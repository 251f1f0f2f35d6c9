using Estream.Circuits.Metering;
using Estream.Streams;

namespace Estream.Circuits.Tests.Metering;

/// <summary>Each limit applies to its own kind of usage.</summary>
public sealed class TenantTests
{
    private const long Second = 1_000_000_000;

    // The burst that is allowed at once.
    private const long Burst = 50_000_000;

    [Theory]
    [InlineData(1_000L, null, null, null, 3)]
    [InlineData(null, 500L, null, null, 14)]
    [InlineData(null, null, 1_000L, null, 30)]
    [InlineData(null, null, null, 1_000L, 500)]
    [InlineData(1_000L, 500L, 1_000L, null, 30)]
    public void Each_rate_limit_of_a_tenant_delays_by_its_quantity(long? operations, long? cpu, long? ingress, long? egress, int seconds)
    {
        Tenant tenant = new("acme",
            new TenantLimits
            {
                OperationsPerSecond = operations,
                CpuMillis = cpu,
                IngressBytesPerSecond = ingress,
                EgressBytesPerSecond = egress,
            });
        Assert.True(tenant.HasLimits);
        Assert.Equal((seconds * Second) - Burst,
            tenant.Use(new PipelineUsage(Read: 2_000, BytesRead: 30_000, Written: 1_000, BytesWritten: 500_000, CpuNanos: 7 * Second), 0));
    }

    [Fact]
    public void A_tenant_with_only_a_storage_limit_is_never_delayed_by_its_rate()
    {
        Tenant tenant = new("acme", new TenantLimits { StorageBytes = 1 });
        Assert.True(tenant.HasLimits);
        Assert.Equal(0, tenant.Use(new PipelineUsage(2_000, 30_000, 1_000, 500_000, 7 * Second), 0));
        Assert.False(new Tenant("acme", new TenantLimits()).HasLimits);
    }
}
