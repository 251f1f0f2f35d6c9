using System.Net;

namespace Estream.Wire.Tests;

/// <summary>Limits per address count the /64 network of an IPv6 address.</summary>
public sealed class CountedAddressTests
{
    [Theory]
    [InlineData("192.0.2.1", "192.0.2.1")]
    [InlineData("::ffff:192.0.2.1", "192.0.2.1")]
    [InlineData("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::")]
    [InlineData("fe80::1%3", "fe80::")]
    [InlineData("::1", "::1")]
    [InlineData("127.0.0.1", "127.0.0.1")]
    public void An_IPv6_address_counts_as_its_network(string address, string counted) =>
        Assert.Equal(IPAddress.Parse(counted), CountedAddress.Of(IPAddress.Parse(address)));
}
