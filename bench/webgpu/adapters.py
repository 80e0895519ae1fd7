# Prints the graphics processors that Vulkan offers, as JSON: the name, the kind and the driver's version of each. WebGPU takes one of them, the
# fastest by its kind. Needs Vulkan's loader alone.

import ctypes
import json

KINDS = ["other", "integrated", "discrete", "virtual", "cpu"]
NVIDIA = 0x10DE


def version(vendor, number):
    if vendor == NVIDIA:
        return f"{number >> 22}.{number >> 14 & 0xFF}.{number >> 6 & 0xFF:02}"
    return f"{number >> 22}.{number >> 12 & 0x3FF}.{number & 0xFFF}"


def adapters():
    vulkan = ctypes.CDLL("libvulkan.so.1")
    # VkInstanceCreateInfo: its type 1, and no application, layers or extensions.
    create = (ctypes.c_uint64 * 8)(1)
    instance = ctypes.c_void_p()
    if vulkan.vkCreateInstance(create, None, ctypes.byref(instance)) != 0:
        return []
    count = ctypes.c_uint32()
    vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), None)
    devices = (ctypes.c_void_p * count.value)()
    vulkan.vkEnumeratePhysicalDevices(instance, ctypes.byref(count), devices)
    found = []
    for device in devices:
        # VkPhysicalDeviceProperties: five numbers (API, driver, vendor, device, kind), the name of 256 bytes, and limits.
        properties = ctypes.create_string_buffer(4096)
        vulkan.vkGetPhysicalDeviceProperties(ctypes.c_void_p(device), properties)
        _, driver, vendor, _, kind = (ctypes.c_uint32 * 5).from_buffer(properties)
        name = properties.raw[20:276].split(b"\0")[0].decode()
        found.append({"name": name, "kind": KINDS[kind], "driver": version(vendor, driver)})
    return found


print(json.dumps(adapters()))
