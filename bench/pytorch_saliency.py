#!/usr/bin/env python3
"""A saliency map of a photograph in PyTorch, as one writes it: weights from a file, resize, the gradient of the largest logit
at the pixels, its largest absolute value over the colours, as a PNG."""

from __future__ import annotations

import argparse

import torch
import torchvision
from PIL import Image
from torchvision.transforms import functional


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("photo")
    parser.add_argument("--architecture", default="resnet50")
    parser.add_argument("--weights", required=True, help="a state dict, .pth")
    parser.add_argument("--out", required=True, help="a PNG")
    args = parser.parse_args()
    net = getattr(torchvision.models, args.architecture)(weights=None)
    net.load_state_dict(torch.load(args.weights, weights_only=True))
    net.eval().requires_grad_(False)
    photo = functional.resize(Image.open(args.photo).convert("RGB"), 256)
    image = functional.to_tensor(functional.center_crop(photo, 224))
    image = functional.normalize(image, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))[None].requires_grad_(
        True
    )
    net(image).max().backward()
    saliency = image.grad[0].abs().amax(0)
    Image.fromarray((255 * saliency / saliency.max()).to(torch.uint8).numpy()).save(args.out)


if __name__ == "__main__":
    main()
