using System.Net;

namespace Estream.Wire.Tests;

/// <summary>Limits per address count the /64 network of a global IPv6 address.</summary>
public sealed class CountedAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::1%3")]
    [InlineData("fd00:1:2:3:4:5:6:7", "fd00:1:2:3:4:5:6:7")]
    [InlineData("64:ff9b::192.0.2.1", "192.0.2.1")]
    [InlineData("64:ff9b:1::192.0.2.1", "64:ff9b:1::")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void A_global_IPv6_address_counts_as_its_network(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), CountedAddress.Of(IPAddress.Parse(address)));
}
