using System.Net;
using Estream.Host.Http;
using Estream.Testing;

namespace Estream.Host.Tests.Http;

public sealed class ClientBucketsTests
{
    [Fact]
    public void Each_client_has_its_own_bucket()
    {
        ClientBuckets buckets = new();
        Assert.True(Drain(buckets, IPAddress.Parse("10.0.0.1")) >= RequestLimits.BurstRequests);

        Assert.True(buckets.TryTake(IPAddress.Parse("10.0.0.2")));
        Assert.True(buckets.TryTake(null));
    }

    [Fact]
    public void Clients_beyond_the_maximum_share_a_bucket()
    {
        ClientBuckets buckets = new(maxClients: 2);
        _ = Drain(buckets, IPAddress.Parse("10.0.0.1"));
        _ = Drain(buckets, IPAddress.Parse("10.0.0.2"));

        Eventually.True(
            () => Drain(buckets, IPAddress.Parse("10.0.0.3")) > 0 && !buckets.TryTake(IPAddress.Parse("10.0.0.4")),
            "the fourth client finds the bucket of the third client empty");
    }

    [Fact]
    public void A_client_with_a_full_bucket_makes_room()
    {
        ClientBuckets buckets = new(maxClients: 1);
        Assert.True(buckets.TryTake(IPAddress.Parse("10.0.0.1")));
        _ = Drain(buckets, IPAddress.Parse("10.0.0.2"));

        // The bucket of the first client fills up within a second, and a sweep removes it.
        Eventually.True(
            () => Drain(buckets, IPAddress.Parse("10.0.0.3")) >= RequestLimits.BurstRequests, "the third client has its own bucket");
    }

    private static int Drain(ClientBuckets buckets, IPAddress client)
    {
        int taken = 0;
        while (taken < 10 * RequestLimits.BurstRequests && buckets.TryTake(client))
        {
            taken++;
        }

        return taken;
    }
}
