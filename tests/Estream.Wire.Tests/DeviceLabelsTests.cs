namespace Estream.Wire.Tests;

/// <summary>The label values of metrics by device are bounded.</summary>
public sealed class DeviceLabelsTests
{
    [Fact]
    public void Each_of_the_first_devices_has_a_value_and_the_others_share_one()
    {
        int[] devices = [.. Enumerable.Range(0, DeviceLabels.Max + 3)];

        (string Device, long Value)[] sums = [.. Each(devices, (one, other) => one + other)];
        (string Device, long Value)[] largest = [.. Each(devices, Math.Max)];

        Assert.Equal(DeviceLabels.Max + 1, sums.Length);
        Assert.Equal(("7", 7), sums[7]);
        Assert.Equal(("other", (3 * DeviceLabels.Max) + 3), sums[^1]);
        Assert.Equal(("other", DeviceLabels.Max + 2), largest[^1]);
    }

    [Fact]
    public void As_many_devices_as_the_limit_have_a_value_each() =>
        Assert.Equal(DeviceLabels.Max, Each([.. Enumerable.Range(0, DeviceLabels.Max)], Math.Max).Count());

    private static IEnumerable<(string Device, long Value)> Each(int[] devices, Func<long, long, long> join) =>
        DeviceLabels.Each(devices, device => $"{device}", device => device, join);
}
